"""Which conditions have decided, out of an explanation (see `explanation`)."""

from router.rules.explanation import Explanation


def deciding(explained: Explanation) -> list[str]:
    """The reasons of the conditions by which the rule matches or not, without those that changed nothing."""
    if "group" not in explained:
        return [_told(explained["tag"], explained["reason"])]
    children = explained["children"]
    if not children:
        return [
            f'An empty "{explained["group"]}" matches {"everything" if explained["matches"] else "nothing"}.'
        ]
    if explained["group"] != "not":
        children = [child for child in children if child["matches"] == explained["matches"]]
    return [reason for child in children for reason in deciding(child)]


def _told(tag: str, reason: str) -> str:
    return reason if reason.startswith(tag) else f"{tag}: {reason}"
