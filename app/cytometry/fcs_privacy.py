"""Which keywords of an FCS file may be shown, and how the others are blotted out of a copy.

An allow-list: what is not known to describe the instrument or the measurement is withheld, since people's
names, record numbers and places turn up under dozens of keywords of the vendors.
"""

import re
from collections.abc import Mapping

#: Keywords about the file, the instrument and the measurement; none is typed for a person.
_SINGLE = """
    $BEGINDATA $ENDDATA $BEGINANALYSIS $ENDANALYSIS $BEGINSTEXT $ENDSTEXT $BYTEORD $DATATYPE $MODE
    $NEXTDATA $PAR $TOT $UNICODE $CYT $CYTSN CYTNUM $SYS CREATOR SOFTWARE $DATE $BTIM $ETIM $TIMESTEP
    $BEGINDATETIME $ENDDATETIME $VOL $FLOWRATE $ORIGINALITY $LAST_MODIFIED $LOST $ABRT $TR $COMP COMP SPILL
    $SPILLOVER SPILLOVER $CSMODE $CSVBITS $GATE $GATING $WELLID THRESHOLD TIMETICKS AUTOBS CHARSET
    APPLY_COMPENSATION #FLOWRATE #PTDATE #PTRESULT #TR1 #WINEXT #WIDTHTHRESHOLD #LASERCONFIG
    #SOFTWAREVERSION #LASERCONFIGURATION"""
SHOWN = frozenset(_SINGLE.split()) | {
    "EXPORT TIME",
    "APPLY COMPENSATION",
    "WINDOW EXTENSION",
    "FSC ASF",
    "WELL ID",
}

#: The same in families: one keyword for each parameter, laser, gate region or set-up value.
_FAMILIES = re.compile(
    r"\$P\d{1,4}(?:[BENRSGFLOPTVD]|DATATYPE|CALIBRATION|DET|TAG|TYPE|FEATURE|ANALYTE)"
    r"|P\d{1,4}(?:DISPLAY|BS|MS|LO|HI|TYPE)"
    r"|#P\d{1,4}(?:ISFLUORESCENT|DETECTORNUMBER|DIMENSION|VIRTUALGAIN)"
    r"|\$R\d{1,4}[IW]|\$G\d{1,4}[EFNPRSTV]"
    r"|#?LASER\d{1,2}(?:NAME|DELAY|ASF|COLOR)"
    r"|BD\$(?:NPAR|P\d{1,3}N|WORD\d{1,3}|LASERMODE|ACQLIBVERSION)"
    r"|CST (?:SETUP STATUS|SETUP DATE|BASELINE DATE|BEADS EXPIRED|PERFORMANCE EXPIRED|REGULATORY STATUS)"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def may_be_shown(name: str) -> bool:
    """True for a keyword (in capitals) that cannot hold a person's name, number or place."""
    return name in SHOWN or _FAMILIES.fullmatch(name) is not None


def plain(text: str) -> str:
    """The text with control characters made visible, so that it can stand in a page, a CSV or a database."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).strip()


def shown(keywords: Mapping[str, str]) -> dict[str, str]:
    """The keywords that may be shown, in order of name, without control characters."""
    return {name: plain(keywords[name]) for name in sorted(keywords) if may_be_shown(name)}
