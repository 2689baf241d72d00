package io.keelson.kvstore.membership;

import com.google.protobuf.MessageLite;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.apply.ApplyGuard;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandContext;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.apply.RequestValidation;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.lease.LeaseRecord;
import io.keelson.kvstore.storage.Table;
import java.nio.LongBuffer;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what alarms forbid: with CORRUPT, everything that changes keys or ends leases, for nobody knows which member is
 * right; with NOSPACE, everything that needs more space, while deleting, compacting and revoking go on.
 *
 * <p>Leases are renewed under either alarm, so that those of clients that are there still hold when it is over. A lease
 * that expires under CORRUPT stays, with its keys, until then: a renewal that comes too late would end it, and is refused.
 */
public final class AlarmGuard implements ApplyGuard {
    private static final Set<CommandKind> CHANGES = Set.of(
            CommandKind.PUT,
            CommandKind.DELETE_RANGE,
            CommandKind.TXN,
            CommandKind.COMPACT,
            CommandKind.LEASE_GRANT,
            CommandKind.LEASE_REVOKE,
            CommandKind.LEASE_EXPIRE);

    private final Supplier<Membership> membership;

    /** @param membership as the commands so far have made it */
    AlarmGuard(Supplier<Membership> membership) {
        this.membership = membership;
    }

    @Override
    public @Nullable EtcdError check(CommandContext context, Command command, @Nullable MessageLite request) {
        Membership now = membership.get();
        if (now.alarms().isEmpty()) {
            return null;
        }
        if (now.alarmed(AlarmType.CORRUPT)
                && (CHANGES.contains(command.kind())
                        || (command.kind() == CommandKind.LEASE_RENEW && endsLease(context, command)))) {
            return EtcdError.CORRUPT;
        }
        if (now.alarmed(AlarmType.NOSPACE) && needsSpace(command.kind(), request)) {
            return EtcdError.NO_SPACE;
        }
        return null;
    }

    private static boolean endsLease(CommandContext context, Command command) {
        for (LongBuffer ids = command.payload().slice().asLongBuffer(); ids.hasRemaining(); ) {
            byte[] stored = context.session().get(Table.LEASE, LeaseRecord.key(ids.get()));
            if (stored != null && LeaseRecord.decode(stored).expired(context.clusterTimeMs())) {
                return true;
            }
        }
        return false;
    }

    private static boolean needsSpace(CommandKind kind, @Nullable MessageLite request) {
        return switch (kind) {
            case PUT, LEASE_GRANT -> true;
            case TXN -> request instanceof TxnRequest txn && RequestValidation.puts(txn);
            default -> false;
        };
    }
}
