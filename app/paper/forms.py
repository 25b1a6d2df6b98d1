"""Outside text about papers: why another revision is asked for."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints


class IssueForm(BaseModel):
    """Asking for a document; with a reason a revision is made although nothing changed."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
