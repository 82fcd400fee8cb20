/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of AF_UNIX sockets, by the calls that Windows programs delete them
 * with and look for them.  For Wine: files are no Winsock.
 */
#include "support/paths.h"

static void a_socket_s_file_can_be_deleted(void)
{
    struct sockaddr_un name;
    SOCKET s = unix_listener("file", &name);
    int i;

    for (i = 0; i < 3; i++) {
        close_socket(s);
        s = unix_socket();
        CHECK_ERROR(unix_bind(s, &name), WSAEADDRINUSE);
        CHECK_THAT(DeleteFileA(name.sun_path), "error %u",
                   (unsigned)GetLastError());
        CHECK_OK(unix_bind(s, &name));
    }
    close_socket(s);
    CHECK(DeleteFileA(name.sun_path));
    CHECK(!DeleteFileA(name.sun_path));
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
}

static void a_socket_s_file_is_there(void)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    struct sockaddr_un name = path_place("file");
    SOCKET s;

    CHECK_EQ(GetFileAttributesA(name.sun_path), INVALID_FILE_ATTRIBUTES);
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    s = unix_listener("file", &name);
    CHECK_EQ(GetFileAttributesA(name.sun_path), FILE_ATTRIBUTE_ARCHIVE);
    CHECK(GetFileAttributesExA(name.sun_path, GetFileExInfoStandard, &data));
    CHECK_EQ(data.dwFileAttributes, FILE_ATTRIBUTE_ARCHIVE);
    CHECK_EQ(data.nFileSizeLow, 0);
    CHECK(data.ftLastWriteTime.dwHighDateTime > 0x01d00000);
    close_socket(s);
    CHECK(DeleteFileA(name.sun_path));
    CHECK_EQ(GetFileAttributesA(name.sun_path), INVALID_FILE_ATTRIBUTES);
}

static void other_files_are_as_before(void)
{
    struct sockaddr_un name = path_place("plain");
    HANDLE file;

    path_make_file("plain");
    CHECK_EQ(GetFileAttributesA(name.sun_path), FILE_ATTRIBUTE_ARCHIVE);
    file = CreateFileA(name.sun_path, DELETE, 7, NULL, OPEN_EXISTING,
                       FILE_FLAG_DELETE_ON_CLOSE, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK_EQ(GetFileType(file), FILE_TYPE_DISK);
    CHECK(GetFileAttributesA(name.sun_path) != INVALID_FILE_ATTRIBUTES);
    CHECK(CloseHandle(file));
    CHECK_EQ(GetFileAttributesA(name.sun_path), INVALID_FILE_ATTRIBUTES);
}

static void relative_names_lead_to_the_current_folder(void)
{
    struct sockaddr_un name = path_place("here"), relative = {AF_UNIX, "here"};
    char before[MAX_PATH], folder[MAX_PATH];
    SOCKET listener = unix_socket(), client = unix_socket();

    CHECK(GetCurrentDirectoryA(MAX_PATH, before) > 0);
    strcpy(folder, name.sun_path);
    *strrchr(folder, '\\') = '\0';
    CHECK(SetCurrentDirectoryA(folder));
    CHECK_OK(unix_bind(listener, &relative));
    CHECK_OK(listen(listener, 1));
    path_check_local(listener, "here");
    CHECK(SetCurrentDirectoryA(before));
    CHECK_ERROR(unix_connect(client, &relative), WSAECONNREFUSED);
    strcpy(strrchr(name.sun_path, '\\') + 1, "HERE"); /* no case */
    CHECK_OK(unix_connect(client, &name));
    path_check_peer(client, name.sun_path);
    close_socket(client);
    close_socket(listener);
    CHECK(DeleteFileA(name.sun_path));
}

static const struct test_case cases[] = {
    TEST_CASE(a_socket_s_file_can_be_deleted, "DeleteFile before bind"),
    TEST_CASE(a_socket_s_file_is_there, "GetFileAttributes(Ex)"),
    TEST_CASE(other_files_are_as_before, "the hooks let others pass"),
    TEST_CASE(relative_names_lead_to_the_current_folder, "sun_path"),
    TEST_END
};
TEST_MAIN("socket_files", cases, NULL)
