"""Pages at the bed: scan, verdict, sign, second person, start, end. A tablet in a gloved hand."""

import secrets
from http import HTTPStatus

from flask import Blueprint, abort, jsonify, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import login_user
from markupsafe import Markup
from sqlmodel import Session

from app.access import presence
from app.access.cookies import device_cookie, keep_device
from app.access.doors import actor, current, needs, site, this_db, this_work, wants_json
from app.access.forms import SignInForm
from app.access.here import let_go
from app.access.models import Person
from app.access.permissions import Permission, allowed
from app.access.proof import authenticate, prove
from app.bedside import operations, pages, queries
from app.bedside.forms import EndForm, ScanForm, SignForm, StartForm
from app.bedside.models import BedsideCheck, CheckState, ScanStep, VerdictWord
from app.bedside.situation import ENTRIES, Why
from app.evidence.canonical import sha256_of
from app.evidence.signatures import Proof
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.recipients.models import Recipient
from app.recipients.operations import Identity, read_identity
from app.recipients.sections import Section, add_section
from app.web.forms import Faults, read, typed
from app.web.pages import refused
