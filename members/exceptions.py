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


class ContactNotFound(Refusal):
    code = "not_found"
    message = _("찾는 연락처가 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class TooManyContacts(Refusal):
    code = "too_many_contacts"
    message = _("연락처는 회원마다 10개까지 넣을 수 있어요. 쓰지 않는 번호를 지워 주세요.")


class InvalidStage(Refusal):
    code = "invalid"
    message = _("옮길 단계를 다시 골라 주세요.")
    future = _("아직 오지 않은 날짜예요. 오늘이나 지난 날짜를 골라 주세요.")


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


class ImportNotFound(Refusal):
    code = "not_found"
    message = _("찾는 명단 올리기가 없어요.")
    status = 404


class ImportNotReady(Refusal):
    code = "import_not_ready"
    message = _("지금은 할 수 없어요. 화면을 새로 고쳐 어디까지 진행됐는지 확인해 주세요.")
    status = 409


class ImportNotRevertible(Refusal):
    code = "import_not_revertible"
    message = _("이 명단은 되돌릴 수 없어요. 저장을 마친 명단만 30일 동안 되돌릴 수 있어요.")
    status = 409


class InvalidImport(Refusal):
    code = "invalid"
    message = _("고른 값에 고칠 곳이 있어요. 다시 골라 주세요.")
    twice = _("같은 항목을 두 열에 고를 수 없어요. 한 열만 골라 주세요.")


class TooManyRepairs(Refusal):
    code = "too_many_repairs"
    message = _("화면에서는 %(most)s칸까지 고칠 수 있어요. 나머지는 파일을 내려받아 고친 뒤 다시 올려 주세요.")

    def __init__(self, most: int) -> None:
        super().__init__(str(self.message) % {"most": f"{most:,}"})


class ImportStuck(Refusal):
    code = "import_stuck"
    message = _("파일을 끝까지 처리하지 못했어요. 명단은 바뀌지 않았으니 파일을 나누어 다시 올려 주세요.")


class RevertStuck(Refusal):
    code = "revert_stuck"
    message = _("끝까지 되돌리지 못했어요. 명단은 그대로예요. 잠시 뒤 다시 되돌려 주세요.")


class UploadGone(Refusal):
    code = "upload_gone"
    message = _("올린 파일을 찾을 수 없어요. 파일을 다시 올려 주세요.")
