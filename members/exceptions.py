"""The refusals members can utter."""

from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refusal


class MemberNotFound(Refusal):
    code = "not_found"
    message = _("찾는 회원이 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class GroupNotFound(Refusal):
    code = "not_found"
    message = _("찾는 그룹이 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class ViewNotFound(Refusal):
    code = "not_found"
    message = _("찾는 보기가 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class InvalidMember(Refusal):
    code = "invalid"
    message = _("입력한 내용에 고칠 곳이 있어요.")


class InvalidGroup(Refusal):
    code = "invalid"
    message = _("그룹 이름을 1자에서 40자 사이로 적어 주세요.")


class GroupNameTaken(Refusal):
    code = "group_name_taken"
    message = _("같은 이름의 그룹이 이미 있어요. 다른 이름을 적어 주세요.")


class TooManyGroups(Refusal):
    code = "too_many_groups"
    message = _("그룹은 500개까지 만들 수 있어요. 쓰지 않는 그룹을 지워 주세요.")


class TooManyFields(Refusal):
    code = "too_many_fields"
    message = _("추가 항목은 50개까지 쓸 수 있어요. 쓰지 않는 항목을 정리해 주세요.")


class InvalidView(Refusal):
    code = "invalid"
    message = _("보기의 이름을 1자에서 30자 사이로 적어 주세요.")
