"""Who may do what: one table of permissions per role, deny by default."""

from enum import StrEnum

from app.access.models import Role


class Permission(StrEnum):
    """``room:action``. Every route but sign-in, health and trust asks for one."""

    HOME = "home:read"
    PEOPLE_MANAGE = "people:manage"
    LEDGER_READ = "ledger:read"
    LEDGER_VERIFY = "ledger:verify"
    HOLD_READ = "hold:read"
    HOLD_PLACE = "hold:place"
    HOLD_LIFT = "hold:lift"
    DEVIATION_OPEN = "deviation:open"
    DEVIATION_DECIDE = "deviation:decide"
    DONOR_READ = "donor:read"
    DONOR_WRITE = "donor:write"
    DONOR_IDENTITY = "donor:identity"
    DONOR_DECIDE = "donor:decide"
    MATERIAL_READ = "material:read"
    MATERIAL_WRITE = "material:write"
    LOT_READ = "lot:read"
    LOT_WRITE = "lot:write"
    QUALITY_READ = "quality:read"
    RESULT_WRITE = "result:write"
    SPECIFICATION_WRITE = "specification:write"
    RELEASE = "quality:release"
    LABEL_READ = "label:read"
    LABEL_PRINT = "label:print"
    LABEL_APPLY = "label:apply"
    CUSTODY_READ = "custody:read"
    CUSTODY_WRITE = "custody:write"
    RETURN_ACCEPT = "custody:return:accept"
    RECIPIENT_READ = "recipient:read"
    RECIPIENT_WRITE = "recipient:write"
    RECIPIENT_IDENTITY = "recipient:identity"
    ORDER_READ = "order:read"
    ORDER_PRESCRIBE = "order:prescribe"
    ORDER_ALLOCATE = "order:allocate"
    BEDSIDE = "bedside:infuse"
    BEDSIDE_READ = "bedside:read"
    BEDSIDE_OVERRIDE = "bedside:override"
    ANTIBODY_READ = "antibody:read"
    ANTIBODY_WRITE = "antibody:write"
    CYTOMETRY_READ = "cytometry:read"
    CYTOMETRY_WRITE = "cytometry:write"
    FOLLOWUP_READ = "followup:read"
    FOLLOWUP_WRITE = "followup:write"
    TRACE = "trace:read"
    PAPER_READ = "paper:read"
    PAPER_ISSUE = "paper:issue"
    BACKUP_READ = "backup:read"
    DASHBOARD = "dashboard:read"


_P = Permission
#: Every member of the product side may read these.
_PRODUCT = frozenset({_P.HOME, _P.DONOR_READ, _P.MATERIAL_READ, _P.LOT_READ, _P.QUALITY_READ, _P.LABEL_READ,
                      _P.CUSTODY_READ, _P.TRACE, _P.PAPER_READ, _P.LEDGER_READ, _P.ORDER_READ,
                      _P.HOLD_READ, _P.HOLD_PLACE, _P.DEVIATION_OPEN})  # fmt: skip
#: Every member of the patient's side may read these.
_PATIENT = frozenset({_P.HOME, _P.RECIPIENT_READ, _P.ORDER_READ, _P.BEDSIDE_READ, _P.ANTIBODY_READ,
                      _P.CYTOMETRY_READ, _P.FOLLOWUP_READ, _P.LOT_READ, _P.LABEL_READ, _P.CUSTODY_READ,
                      _P.TRACE, _P.HOLD_READ, _P.HOLD_PLACE, _P.DEVIATION_OPEN})  # fmt: skip

#: The table of permissions. The administrator sees no product data; the auditor changes nothing.
ROLES: dict[Role, frozenset[Permission]] = {
    Role.TECHNOLOGIST: _PRODUCT
    | {_P.DONOR_WRITE, _P.MATERIAL_WRITE, _P.LOT_WRITE, _P.RESULT_WRITE, _P.LABEL_PRINT, _P.LABEL_APPLY,
       _P.CUSTODY_WRITE, _P.ORDER_ALLOCATE, _P.RECIPIENT_READ, _P.ANTIBODY_READ},
    Role.QUALITY: _PRODUCT
    | {_P.HOLD_LIFT, _P.DEVIATION_DECIDE, _P.DONOR_DECIDE, _P.DONOR_IDENTITY, _P.RESULT_WRITE,
       _P.RETURN_ACCEPT, _P.SPECIFICATION_WRITE, _P.LABEL_PRINT, _P.PAPER_ISSUE, _P.LEDGER_VERIFY,
       _P.RECIPIENT_READ, _P.BEDSIDE_READ, _P.BACKUP_READ, _P.DASHBOARD},
    Role.RELEASER: _PRODUCT
    | {_P.HOLD_LIFT, _P.DEVIATION_DECIDE, _P.DONOR_DECIDE, _P.RELEASE, _P.PAPER_ISSUE, _P.LEDGER_VERIFY,
       _P.RETURN_ACCEPT, _P.BEDSIDE_READ, _P.DASHBOARD},
    Role.PHYSICIAN: _PATIENT
    | {_P.RECIPIENT_WRITE, _P.RECIPIENT_IDENTITY, _P.ORDER_PRESCRIBE, _P.BEDSIDE, _P.BEDSIDE_OVERRIDE,
       _P.FOLLOWUP_WRITE, _P.DASHBOARD},
    Role.NURSE: _PATIENT
    | {_P.RECIPIENT_IDENTITY, _P.BEDSIDE, _P.CUSTODY_WRITE, _P.FOLLOWUP_WRITE, _P.RECIPIENT_WRITE},
    Role.LABORATORY: frozenset(
        {_P.HOME, _P.RECIPIENT_READ, _P.DONOR_READ, _P.ANTIBODY_READ, _P.ANTIBODY_WRITE, _P.CYTOMETRY_READ,
         _P.CYTOMETRY_WRITE, _P.FOLLOWUP_READ, _P.LOT_READ, _P.TRACE, _P.RESULT_WRITE, _P.QUALITY_READ}
    ),
    Role.AUDITOR: (_PRODUCT | _PATIENT | {_P.LEDGER_VERIFY, _P.BACKUP_READ, _P.DASHBOARD})
    - {_P.HOLD_PLACE, _P.DEVIATION_OPEN},
    Role.ADMINISTRATOR: frozenset({_P.HOME, _P.PEOPLE_MANAGE, _P.BACKUP_READ}),
}  # fmt: skip


def allowed(role: Role, permission: Permission) -> bool:
    """Whether the role may do this; anything not written in `ROLES` it may not."""
    return permission in ROLES[role]
