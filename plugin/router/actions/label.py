"""Action `label`: the resource gets a label in this Orthanc (Orthanc Book, "Labels")."""

import re
from functools import partial

from router.actions.checks import LABEL
from router.actions.work import Sent, Work
from router.destinations import DestinationUnavailable
from router.documents.action import Label
from router.documents.policy import Level
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.templates import FileTags, NotDicom, Template, TemplateError

_NOT_IN_LABELS = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 64


def perform(work: Work) -> Sent:
    """Label the instances, or the series and studies that they are in; each with its own text."""
    assert isinstance(work.action, Label)
    [leased] = work.leased
    level = work.action.level or leased.delivery.resource.level
    sent = Sent()
    done: set[str] = set()
    for instance in leased.instances:
        try:
            resource = _resource(work, level, instance)
            if resource not in done:
                put = partial(work.orthanc.add_label, level, resource)
                put(_text(work.action.label, work.orthanc.file(instance)))
                done.add(resource)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error), sent.arrived) from error
        except OrthancError as error:
            sent.refused[instance] = "not in Orthanc any more" if error.status == 404 else error.message
        except (NotDicom, TemplateError, ValueError) as error:
            sent.refused[instance] = str(error)
        else:
            sent.arrived.append(instance)
    return sent


def _resource(work: Work, level: Level, instance: str) -> str:
    if level == "instance":
        return instance
    series = str(work.orthanc.resource("instance", instance)["ParentSeries"])
    return series if level == "series" else str(work.orthanc.resource("series", series)["ParentStudy"])


def _text(template: str, file: bytes) -> str:
    """The label for an image. Raises NotDicom, TemplateError, or ValueError where nothing is left of it."""
    label = _NOT_IN_LABELS.sub("_", Template(template).render(FileTags(file)).strip())[:_LONGEST]
    if not LABEL.fullmatch(label) or not label.strip("_"):
        raise ValueError("The template of the label gives an empty text for this image: give a default")
    return label
