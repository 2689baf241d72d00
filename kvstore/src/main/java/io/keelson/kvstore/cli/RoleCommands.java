package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthRoleAddRequest;
import io.keelson.kvstore.api.AuthRoleAddResponse;
import io.keelson.kvstore.api.AuthRoleDeleteRequest;
import io.keelson.kvstore.api.AuthRoleDeleteResponse;
import io.keelson.kvstore.api.AuthRoleGetRequest;
import io.keelson.kvstore.api.AuthRoleGetResponse;
import io.keelson.kvstore.api.AuthRoleGrantPermissionRequest;
import io.keelson.kvstore.api.AuthRoleGrantPermissionResponse;
import io.keelson.kvstore.api.AuthRoleListRequest;
import io.keelson.kvstore.api.AuthRoleListResponse;
import io.keelson.kvstore.api.AuthRoleRevokePermissionRequest;
import io.keelson.kvstore.api.AuthRoleRevokePermissionResponse;
import io.keelson.kvstore.api.Permission;
import java.util.List;
import java.util.Locale;

/** {@code role …}. */
final class RoleCommands {
    private RoleCommands() {}

    static void add(Invocation call) {
        String role = one(call, "add");
        AuthRoleAddResponse response = call.write(
                AuthGrpc.getRoleAddMethod(),
                AuthRoleAddRequest.newBuilder().setName(ByteText.toText(role)).build());
        call.printer().done("Role " + role + " created", response.getHeader(), response);
    }

    static void delete(Invocation call) {
        String role = one(call, "delete");
        AuthRoleDeleteResponse response = call.write(
                AuthGrpc.getRoleDeleteMethod(),
                AuthRoleDeleteRequest.newBuilder()
                        .setRole(ByteText.toText(role))
                        .build());
        call.printer().done("Role " + role + " deleted", response.getHeader(), response);
    }

    static void get(Invocation call) {
        String role = one(call, "get");
        AuthRoleGetResponse response = call.read(
                AuthGrpc.getRoleGetMethod(),
                AuthRoleGetRequest.newBuilder().setRole(ByteText.toText(role)).build());
        call.printer().roleGet(role, response);
    }

    static void list(Invocation call) {
        call.requireWords(0, "role list command requires no arguments");
        AuthRoleListResponse response =
                call.read(AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance());
        call.printer().roleList(response);
    }

    static void grantPermission(Invocation call) {
        List<String> words = call.words();
        if (words.size() < 3) {
            throw CommandFailure.badArguments(
                    "role grant command requires role name, permission type, and key [endkey] as its argument");
        }
        Permission.Type type = switch (words.get(1).toUpperCase(Locale.ROOT)) {
            case "READ" -> Permission.Type.READ;
            case "WRITE" -> Permission.Type.WRITE;
            case "READWRITE" -> Permission.Type.READWRITE;
            default -> throw CommandFailure.badArguments("invalid permission type: " + words.get(1));
        };
        KeySpan span = span(call.arguments(), words.subList(2, words.size()));
        AuthRoleGrantPermissionResponse response = call.write(
                AuthGrpc.getRoleGrantPermissionMethod(),
                AuthRoleGrantPermissionRequest.newBuilder()
                        .setName(ByteText.toText(words.getFirst()))
                        .setPerm(Permission.newBuilder()
                                .setPermType(type)
                                .setKey(ByteText.bytes(span.key()))
                                .setRangeEnd(ByteText.bytes(span.end())))
                        .build());
        call.printer().done("Role " + words.getFirst() + " updated", response.getHeader(), response);
    }

    static void revokePermission(Invocation call) {
        List<String> words = call.words();
        if (words.size() < 2) {
            throw CommandFailure.badArguments(
                    "role revoke-permission command requires role name and key [endkey] as its argument");
        }
        KeySpan span = span(call.arguments(), words.subList(1, words.size()));
        AuthRoleRevokePermissionResponse response = call.write(
                AuthGrpc.getRoleRevokePermissionMethod(),
                AuthRoleRevokePermissionRequest.newBuilder()
                        .setRole(ByteText.toText(words.getFirst()))
                        .setKey(ByteText.bytes(span.key()))
                        .setRangeEnd(ByteText.bytes(span.end()))
                        .build());
        String what =
                span.end().isEmpty() ? "key " + words.get(1) : "range " + KeyRanges.shown(words.get(1), span.end());
        call.printer()
                .done(
                        "Permission of " + what + " is revoked from role " + words.getFirst(),
                        response.getHeader(),
                        response);
    }

    private record KeySpan(String key, String end) {}

    /** The keys a permission is for: an empty key with a flag stands for all. */
    private static KeySpan span(Arguments arguments, List<String> words) {
        boolean prefix = arguments.bool("prefix");
        boolean fromKey = arguments.bool("from-key");
        String key = words.getFirst();
        if (prefix && fromKey && (key.isEmpty() || words.size() == 1)) {
            throw CommandFailure.badArguments("--from-key and --prefix flags are mutually exclusive");
        }
        if (key.isEmpty()) {
            return new KeySpan(KeyRanges.FIRST, prefix || fromKey ? KeyRanges.OPEN : "");
        }
        if (words.size() == 1) {
            return new KeySpan(key, prefix ? KeyRanges.prefixEnd(key) : fromKey ? KeyRanges.OPEN : "");
        }
        if (prefix) {
            throw CommandFailure.badArguments("unexpected endkey argument with --prefix flag");
        }
        if (fromKey) {
            throw CommandFailure.badArguments("unexpected endkey argument with --from-key flag");
        }
        return new KeySpan(key, words.get(1));
    }

    private static String one(Invocation call, String action) {
        call.requireWords(1, "role " + action + " command requires role name as its argument");
        return call.words().getFirst();
    }
}
