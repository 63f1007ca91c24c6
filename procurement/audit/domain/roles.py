"""Roles of the database: who they are and the statements that create them."""

OWNER = "procurement_owner"
MIGRATE = "app_migrate"
WEB = "app_web"
WORKER = "app_worker"
BACKUP = "app_sauvegarde"
ROLES = (OWNER, MIGRATE, WEB, WORKER, BACKUP)


def quote(name: str) -> str:
    """Quote an identifier.

    >>> quote('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def roles_statements(database: str) -> list[str]:
    """Statements that create the roles and give them the database; a superuser runs them once.

    They may be run again without effect. Passwords are left to the administrator.
    """
    base = quote(database)
    create = [
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN "
        f"CREATE ROLE {name} {options}; END IF; END $$"
        for name, options in (
            (OWNER, "NOLOGIN"),
            (MIGRATE, "LOGIN"),
            (WEB, "LOGIN"),
            (WORKER, "LOGIN"),
            (BACKUP, "LOGIN BYPASSRLS"),
        )
    ]
    return [
        *create,
        f"GRANT {OWNER} TO {MIGRATE}",
        # app_migrate acts as the owner: whatever it creates belongs to procurement_owner.
        f"ALTER ROLE {MIGRATE} SET role = '{OWNER}'",
        f"GRANT pg_read_all_data TO {BACKUP}",
        f"ALTER ROLE {WEB} SET statement_timeout = '15s'",
        f"ALTER ROLE {WEB} SET lock_timeout = '5s'",
        f"ALTER ROLE {WEB} SET idle_in_transaction_session_timeout = '30s'",
        f"ALTER ROLE {WORKER} SET statement_timeout = '5min'",
        f"ALTER ROLE {WORKER} SET lock_timeout = '30s'",
        f"ALTER ROLE {WORKER} SET idle_in_transaction_session_timeout = '5min'",
        # « Enregistré » is said once it is on the disk, whatever the server does for others.
        f"ALTER ROLE {WEB} SET synchronous_commit = on",
        f"ALTER ROLE {WORKER} SET synchronous_commit = on",
        f"ALTER DATABASE {base} OWNER TO {OWNER}",
        f"REVOKE ALL ON DATABASE {base} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {base} TO {MIGRATE}, {WEB}, {WORKER}, {BACKUP}",
    ]
