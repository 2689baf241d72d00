package io.keelson.kvstore.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.keelson.kvstore.api.AuthEnableRequest;
import io.keelson.kvstore.api.AuthRoleAddRequest;
import io.keelson.kvstore.api.AuthRoleGrantPermissionRequest;
import io.keelson.kvstore.api.AuthUserAddRequest;
import io.keelson.kvstore.api.AuthUserGrantRoleRequest;
import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandContext;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.lease.MapSession;
import io.keelson.kvstore.server.Proposals;
import io.keelson.kvstore.storage.Session;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A log of one member that judges commands, and carries out those on users and roles, as soon as they are proposed. */
final class AuthLog implements Proposals {
    final MapSession session = new MapSession();
    final AtomicLong nanos = new AtomicLong();
    final SimpleTokens tokens = new SimpleTokens(300, nanos::get);
    final AuthStore store = new AuthStore(() -> session, tokens);
    final AuthGuard guard = new AuthGuard(store);
    private long index = 100;

    /** A user as the log names it now. */
    RequestUser user(String name) {
        return new RequestUser(name, store.view().revision());
    }

    synchronized @Nullable EtcdError judge(RequestUser user, CommandKind kind, MessageLite request) {
        return guard.check(new Context(), command(user, kind, request), request);
    }

    static Command command(RequestUser user, CommandKind kind, MessageLite request) {
        return new Command(kind, user.name(), user.authRevision(), ByteBuffer.wrap(request.toByteArray()));
    }

    synchronized ApplyResult apply(Command proposed) {
        index++;
        Command command = Command.decode(ByteBuffer.wrap(proposed.encode()));
        session.mark();
        ApplyResult result;
        try {
            Context context = new Context();
            EtcdError refusal = guard.check(context, command, null);
            result = refusal == null ? store.apply(context, command) : ApplyResult.failure(1, refusal);
        } catch (EtcdException e) {
            result = ApplyResult.failure(1, e.error());
        }
        if (result.error() == null) {
            session.keep();
        } else {
            session.rollback();
        }
        store.batchCommitted();
        return result;
    }

    @Nullable
    EtcdError run(String user, CommandKind kind, MessageLite request) {
        return apply(command(user.isEmpty() ? RequestUser.NOBODY : user(user), kind, request))
                .error();
    }

    @Override
    public CompletableFuture<ApplyResult> propose(Command command) {
        ApplyResult result = apply(command);
        return result.error() == null
                ? CompletableFuture.completedFuture(result)
                : CompletableFuture.failedFuture(result.error().exception());
    }

    @Override
    public CompletableFuture<ApplyResult> proposeSystem(Command command) {
        return propose(command);
    }

    /** Root, with a password that has the given hash. */
    void addRoot(String hash) {
        must(run("", CommandKind.AUTH_USER_ADD, userAdd("root", hash)));
        must(run("", CommandKind.AUTH_USER_GRANT_ROLE, grant("root", "root")));
    }

    void enable() {
        must(run("root", CommandKind.AUTH_ENABLE, AuthEnableRequest.getDefaultInstance()));
    }

    /** A user with one role of the same name that has these permissions. */
    void addUser(String name, Permission... permissions) {
        must(run("root", CommandKind.AUTH_USER_ADD, userAdd(name, "")));
        must(run(
                "root",
                CommandKind.AUTH_ROLE_ADD,
                AuthRoleAddRequest.newBuilder().setName(name).build()));
        for (Permission permission : permissions) {
            must(run(
                    "root",
                    CommandKind.AUTH_ROLE_GRANT_PERMISSION,
                    AuthRoleGrantPermissionRequest.newBuilder()
                            .setName(name)
                            .setPerm(permission)
                            .build()));
        }
        must(run("root", CommandKind.AUTH_USER_GRANT_ROLE, grant(name, name)));
    }

    static void must(@Nullable EtcdError error) {
        if (error != null) {
            throw error.exception();
        }
    }

    static AuthUserAddRequest userAdd(String name, String hash) {
        return AuthUserAddRequest.newBuilder()
                .setName(name)
                .setHashedPassword(Base64.getEncoder().encodeToString(hash.getBytes(StandardCharsets.US_ASCII)))
                .build();
    }

    static AuthUserGrantRoleRequest grant(String user, String role) {
        return AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(role).build();
    }

    static Permission permission(Permission.Type type, String key, String rangeEnd) {
        return Permission.newBuilder()
                .setPermType(type)
                .setKey(ByteString.copyFromUtf8(key))
                .setRangeEnd(ByteString.copyFromUtf8(rangeEnd))
                .build();
    }

    private final class Context implements CommandContext {
        @Override
        public Session session() {
            return session;
        }

        @Override
        public long index() {
            return index;
        }

        @Override
        public long term() {
            return 1;
        }

        @Override
        public long clusterTimeMs() {
            return 0;
        }

        @Override
        public boolean local() {
            return true;
        }

        @Override
        public long revision() {
            return 1;
        }

        @Override
        public int deleteKeys(List<byte[]> keys, long bytesMax) {
            throw new UnsupportedOperationException();
        }
    }
}
