package io.keelson.kvstore.auth;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.lease.LeaseAccess;
import io.keelson.kvstore.lease.LeaseKeys;
import io.keelson.kvstore.mvcc.KeyRange;
import java.nio.ByteBuffer;
import java.util.List;

/** What users may do with leases, which follows from what they may do with the keys attached to them. */
public final class LeasePermissions implements LeaseAccess {
    private static final byte[] NO_END = {};

    private final Authorizer authorizer;
    private final LeaseKeys keys;

    public LeasePermissions(Authorizer authorizer, LeaseKeys keys) {
        this.authorizer = authorizer;
        this.keys = keys;
    }

    @Override
    public boolean restricted() {
        return authorizer.enabled();
    }

    @Override
    public Command command(CommandKind kind, byte[] payload) {
        return authorizer.command(kind, ByteBuffer.wrap(payload));
    }

    @Override
    public void checkUser() {
        authorizer.checkUser(authorizer.user());
    }

    @Override
    public void checkRenew(long leaseId) {
        RequestUser user = authorizer.user();
        if (authorizer.administrator(user)) {
            return;
        }
        Scope scope = authorizer.scope(user);
        if (!scope.everything() && !attachedKeysIn(scope.writable(), leaseId)) {
            throw EtcdError.PERMISSION_DENIED.exception();
        }
        authorizer.checkUnchanged(user);
    }

    private boolean attachedKeysIn(KeyIntervals permitted, long leaseId) {
        return AttachedKeys.allIn(permitted, (from, visitor) -> keys.visit(leaseId, from, visitor));
    }

    @Override
    public void checkKeys(List<ByteString> named) {
        RequestUser user = authorizer.user();
        if (authorizer.administrator(user)) {
            return;
        }
        Scope scope = authorizer.scope(user);
        for (ByteString key : named) {
            if (!scope.mayRead(KeyRange.of(key.toByteArray(), NO_END))) {
                throw EtcdError.PERMISSION_DENIED.exception();
            }
        }
    }

    @Override
    public void checkList(long[] leaseIds) {
        RequestUser user = authorizer.user();
        if (authorizer.administrator(user)) {
            return;
        }
        Scope scope = authorizer.scope(user);
        if (!scope.everything()) {
            for (long leaseId : leaseIds) {
                if (!attachedKeysIn(scope.readable(), leaseId)) {
                    throw EtcdError.PERMISSION_DENIED.exception();
                }
            }
        }
        authorizer.checkUnchanged(user);
    }
}
