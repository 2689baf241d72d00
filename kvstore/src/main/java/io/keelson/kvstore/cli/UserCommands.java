package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthRoleGetRequest;
import io.keelson.kvstore.api.AuthRoleGetResponse;
import io.keelson.kvstore.api.AuthUserAddRequest;
import io.keelson.kvstore.api.AuthUserAddResponse;
import io.keelson.kvstore.api.AuthUserChangePasswordRequest;
import io.keelson.kvstore.api.AuthUserChangePasswordResponse;
import io.keelson.kvstore.api.AuthUserDeleteRequest;
import io.keelson.kvstore.api.AuthUserDeleteResponse;
import io.keelson.kvstore.api.AuthUserGetRequest;
import io.keelson.kvstore.api.AuthUserGetResponse;
import io.keelson.kvstore.api.AuthUserGrantRoleRequest;
import io.keelson.kvstore.api.AuthUserGrantRoleResponse;
import io.keelson.kvstore.api.AuthUserListRequest;
import io.keelson.kvstore.api.AuthUserListResponse;
import io.keelson.kvstore.api.AuthUserRevokeRoleRequest;
import io.keelson.kvstore.api.AuthUserRevokeRoleResponse;
import io.keelson.kvstore.api.UserAddOptions;

/** {@code user …}. */
final class UserCommands {
    private UserCommands() {}

    static void add(Invocation call) {
        String argument = one(call, "user add");
        Arguments arguments = call.arguments();
        boolean noPassword = arguments.bool("no-password");
        String user = argument;
        String password = "";
        if (!noPassword) {
            String given = arguments.string("new-user-password");
            int colon = argument.indexOf(':');
            if (!given.isEmpty()) {
                password = given;
            } else if (colon < 0) {
                password = password(call, user);
            } else {
                user = argument.substring(0, colon);
                password = argument.substring(colon + 1);
                if (user.isEmpty()) {
                    throw CommandFailure.badArguments("empty user name is not allowed");
                }
            }
        }
        AuthUserAddResponse response = call.write(
                AuthGrpc.getUserAddMethod(),
                AuthUserAddRequest.newBuilder()
                        .setName(ByteText.toText(user))
                        .setPassword(ByteText.toText(password))
                        .setOptions(UserAddOptions.newBuilder().setNoPassword(noPassword))
                        .build());
        call.printer().done("User " + user + " created", response.getHeader(), response);
    }

    static void delete(Invocation call) {
        String user = one(call, "user delete");
        AuthUserDeleteResponse response = call.write(
                AuthGrpc.getUserDeleteMethod(),
                AuthUserDeleteRequest.newBuilder()
                        .setName(ByteText.toText(user))
                        .build());
        call.printer().done("User " + user + " deleted", response.getHeader(), response);
    }

    static void get(Invocation call) {
        String user = one(call, "user get");
        AuthUserGetResponse response = call.read(
                AuthGrpc.getUserGetMethod(),
                AuthUserGetRequest.newBuilder().setName(ByteText.toText(user)).build());
        if (!call.arguments().bool("detail")) {
            call.printer().userGet(user, response);
            return;
        }
        call.console().println("User: " + user);
        for (String role : response.getRolesList()) {
            call.console().println("");
            AuthRoleGetResponse details = call.read(
                    AuthGrpc.getRoleGetMethod(),
                    AuthRoleGetRequest.newBuilder().setRole(role).build());
            call.printer().roleGet(ByteText.ofText(role), details);
        }
    }

    static void list(Invocation call) {
        call.requireWords(0, "user list command requires no arguments");
        AuthUserListResponse response =
                call.read(AuthGrpc.getUserListMethod(), AuthUserListRequest.getDefaultInstance());
        call.printer().userList(response);
    }

    static void passwd(Invocation call) {
        String user = one(call, "user passwd");
        String password = password(call, user);
        AuthUserChangePasswordResponse response = call.write(
                AuthGrpc.getUserChangePasswordMethod(),
                AuthUserChangePasswordRequest.newBuilder()
                        .setName(ByteText.toText(user))
                        .setPassword(ByteText.toText(password))
                        .build());
        call.printer().done("Password updated", response.getHeader(), response);
    }

    static void grantRole(Invocation call) {
        call.requireWords(2, "user grant command requires user name and role name as its argument");
        String user = call.words().getFirst();
        String role = call.words().get(1);
        AuthUserGrantRoleResponse response = call.write(
                AuthGrpc.getUserGrantRoleMethod(),
                AuthUserGrantRoleRequest.newBuilder()
                        .setUser(ByteText.toText(user))
                        .setRole(ByteText.toText(role))
                        .build());
        call.printer().done("Role " + role + " is granted to user " + user, response.getHeader(), response);
    }

    static void revokeRole(Invocation call) {
        call.requireWords(2, "user revoke-role requires user name and role name as its argument");
        String user = call.words().getFirst();
        String role = call.words().get(1);
        AuthUserRevokeRoleResponse response = call.write(
                AuthGrpc.getUserRevokeRoleMethod(),
                AuthUserRevokeRoleRequest.newBuilder()
                        .setName(ByteText.toText(user))
                        .setRole(ByteText.toText(role))
                        .build());
        call.printer().done("Role " + role + " is revoked from user " + user, response.getHeader(), response);
    }

    private static String one(Invocation call, String command) {
        call.requireWords(1, command + " command requires user name as its argument");
        return call.words().getFirst();
    }

    /** Asks twice, or with {@code --interactive=false} reads one word. */
    private static String password(Invocation call, String user) {
        Console console = call.console();
        if (!call.arguments().bool("interactive")) {
            return console.readWord();
        }
        String password = console.readPassword("Password of " + user + ": ");
        if (password.isEmpty()) {
            throw CommandFailure.badArguments("empty password");
        }
        if (!password.equals(console.readPassword("Type password of " + user + " again for confirmation: "))) {
            throw CommandFailure.badArguments("given passwords are different");
        }
        return password;
    }
}
