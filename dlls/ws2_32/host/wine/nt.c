/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ntdll's calls, as yet without hooks; see nt.h. */
#include "nt.h"

struct nt_calls nt = {
    .close = NtClose,
    .duplicate = NtDuplicateObject,
    .query_object = NtQueryObject,
    .set_object = NtSetInformationObject,
    .create_port = NtCreateIoCompletion,
    .set_completion = NtSetIoCompletion,
    .remove_completion = NtRemoveIoCompletion,
    .remove_completions = NtRemoveIoCompletionEx,
    .query_port = NtQueryIoCompletion,
    .set_information = NtSetInformationFile,
    .query_file = NtQueryInformationFile,
    .query_volume = NtQueryVolumeInformationFile,
    .read = NtReadFile,
    .write = NtWriteFile,
    .cancel = NtCancelIoFile,
    .cancel_one = NtCancelIoFileEx,
    .cancel_synchronous = NtCancelSynchronousIoFile,
    .open_file = NtOpenFile,
    .create_file = NtCreateFile,
    .control = NtDeviceIoControlFile,
    .create_process = NtCreateUserProcess,
    .terminate = NtTerminateProcess,
    .wait_one = NtWaitForSingleObject,
    .wait_many = NtWaitForMultipleObjects,
};
