package io.keelson.kvstore.cli;

import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.AuthDisableRequest;
import io.keelson.kvstore.api.AuthEnableRequest;
import io.keelson.kvstore.api.AuthEnableResponse;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthRoleAddRequest;
import io.keelson.kvstore.api.AuthStatusRequest;
import io.keelson.kvstore.api.AuthStatusResponse;
import io.keelson.kvstore.api.AuthUserGrantRoleRequest;
import io.keelson.kvstore.errors.EtcdError;

/** {@code auth …}. */
final class AuthCommands {
    private static final String ROOT = "root";

    private AuthCommands() {}

    /** Enables authentication; a root user without the root role gets it first. */
    static void enable(Invocation call) {
        noArguments(call, "enable");
        try {
            var _ = send(call);
        } catch (StatusRuntimeException e) {
            if (!says(e, EtcdError.ROOT_ROLE_NOT_EXIST)) {
                throw e;
            }
            giveRootItsRole(call);
            var _ = send(call);
        }
        call.console().println("Authentication Enabled");
    }

    private static AuthEnableResponse send(Invocation call) {
        return call.write(AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.getDefaultInstance());
    }

    private static void giveRootItsRole(Invocation call) {
        try {
            var _ = call.write(
                    AuthGrpc.getRoleAddMethod(),
                    AuthRoleAddRequest.newBuilder().setName(ROOT).build());
        } catch (StatusRuntimeException e) {
            if (!says(e, EtcdError.ROLE_ALREADY_EXIST)) {
                throw e;
            }
        }
        var _ = call.write(
                AuthGrpc.getUserGrantRoleMethod(),
                AuthUserGrantRoleRequest.newBuilder()
                        .setUser(ROOT)
                        .setRole(ROOT)
                        .build());
    }

    private static boolean says(StatusRuntimeException failure, EtcdError error) {
        return error.text().equals(failure.getStatus().getDescription());
    }

    static void disable(Invocation call) {
        noArguments(call, "disable");
        var _ = call.write(AuthGrpc.getAuthDisableMethod(), AuthDisableRequest.getDefaultInstance());
        call.console().println("Authentication Disabled");
    }

    static void status(Invocation call) {
        noArguments(call, "status");
        AuthStatusResponse response = call.read(AuthGrpc.getAuthStatusMethod(), AuthStatusRequest.getDefaultInstance());
        call.printer().authStatus(response);
    }

    private static void noArguments(Invocation call, String name) {
        call.requireWords(0, "auth " + name + " command does not accept any arguments");
    }
}
