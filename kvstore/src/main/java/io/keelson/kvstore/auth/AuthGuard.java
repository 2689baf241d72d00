package io.keelson.kvstore.auth;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.apply.ApplyGuard;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandContext;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.lease.LeaseStore;
import org.jspecify.annotations.Nullable;

/**
 * Refuses commands that their user may not have carried out, by users and roles as all earlier commands have left them.
 *
 * <p>Clients' commands on keys, leases, users and roles need a user. Those that the system proposes too, in nobody's name
 * (compaction, alarms, members, versions), are refused here only if a user is named who may not; that a client has
 * named one is seen to where its request comes in ({@link Authorizer}).
 */
public final class AuthGuard implements ApplyGuard {
    private final AuthStore store;

    public AuthGuard(AuthStore store) {
        this.store = store;
    }

    @Override
    public @Nullable EtcdError check(CommandContext context, Command command, @Nullable MessageLite request) {
        AuthView view = store.working();
        if (!view.enabled()) {
            return null;
        }
        RequestUser user = new RequestUser(command.user(), command.authRevision());
        try {
            return judge(view, user, context, command, request);
        } catch (EtcdException e) {
            return e.error();
        }
    }

    private static @Nullable EtcdError judge(
            AuthView view, RequestUser user, CommandContext context, Command command, @Nullable MessageLite request) {
        return switch (command.kind()) {
            case PUT, DELETE_RANGE, TXN -> checkKeys(view.scope(user), context, command, request);
            case LEASE_GRANT -> view.checkUser(user);
            case LEASE_REVOKE -> checkRevoke(view, user, context, command, request);
            case LEASE_RENEW, LEASE_EXPIRE, MEMBER_PUBLISH, CLUSTER_VERSION, AUTH_AUTHENTICATE, ALARM -> null;
            case COMPACT, MEMBER_ADD, MEMBER_REMOVE, MEMBER_UPDATE, MEMBER_PROMOTE, DOWNGRADE ->
                user.known() ? view.checkAdmin(user) : null;
            case AUTH_ENABLE,
                    AUTH_DISABLE,
                    AUTH_USER_ADD,
                    AUTH_USER_DELETE,
                    AUTH_USER_CHANGE_PASSWORD,
                    AUTH_USER_GRANT_ROLE,
                    AUTH_USER_REVOKE_ROLE,
                    AUTH_ROLE_ADD,
                    AUTH_ROLE_DELETE,
                    AUTH_ROLE_GRANT_PERMISSION,
                    AUTH_ROLE_REVOKE_PERMISSION -> view.checkAdmin(user);
        };
    }

    private static @Nullable EtcdError judged(boolean permitted) {
        return permitted ? null : EtcdError.PERMISSION_DENIED;
    }

    private static @Nullable EtcdError checkKeys(
            Scope scope, CommandContext context, Command command, @Nullable MessageLite request) {
        if (scope.everything()) {
            return null;
        }
        RequestRules rules = new RequestRules(scope, lease -> leaseWritable(scope, context, lease));
        return judged(
                switch (command.kind()) {
                    case PUT -> rules.permits(as(PutRequest.class, PutRequest.parser(), command, request));
                    case DELETE_RANGE ->
                        rules.permits(as(DeleteRangeRequest.class, DeleteRangeRequest.parser(), command, request));
                    default -> rules.permits(as(TxnRequest.class, TxnRequest.parser(), command, request));
                });
    }

    private static boolean leaseWritable(Scope scope, CommandContext context, long leaseId) {
        return scope.everything()
                || AttachedKeys.allIn(
                        scope.writable(),
                        (from, visitor) -> LeaseStore.visitAttachedKeys(context.session(), leaseId, from, visitor));
    }

    /** Who may not write every key that is attached may not have them deleted. An administrator may, whatever changed. */
    private static @Nullable EtcdError checkRevoke(
            AuthView view, RequestUser user, CommandContext context, Command command, @Nullable MessageLite request) {
        EtcdError nobody = view.checkUser(user);
        if (nobody != null || view.checkAdmin(user) == null) {
            return nobody;
        }
        long leaseId = as(LeaseRevokeRequest.class, LeaseRevokeRequest.parser(), command, request)
                .getID();
        return judged(leaseWritable(view.scope(user), context, leaseId));
    }

    private static <T extends MessageLite> T as(
            Class<T> type, Parser<T> parser, Command command, @Nullable MessageLite request) {
        if (type.isInstance(request)) {
            return type.cast(request);
        }
        try {
            return parser.parseFrom(command.payload());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("a command in the log cannot be read", e);
        }
    }
}
