package io.keelson.kvstore.server;

import io.keelson.kvstore.api.AlarmRequest;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the database below {@code --quota-backend-bytes}: a write that would not fit is refused, and raises the NOSPACE
 * alarm, which refuses writes on every member until an operator has made room and disarmed it.
 */
final class SpaceQuota {
    private static final Logger log = LoggerFactory.getLogger(SpaceQuota.class);

    /** What etcd reckons for a write besides its own bytes. */
    private static final long OVERHEAD_BYTES = 512;

    private final long quotaBytes;
    private final long memberId;
    private final LongSupplier usedBytes;
    private final Proposals proposals;
    private final AtomicBoolean raising = new AtomicBoolean();

    /** @param usedBytes how large the database is; cheap, may be a second old */
    SpaceQuota(long quotaBytes, long memberId, LongSupplier usedBytes, Proposals proposals) {
        this.quotaBytes = quotaBytes;
        this.memberId = memberId;
        this.usedBytes = usedBytes;
        this.proposals = proposals;
    }

    long quotaBytes() {
        return quotaBytes;
    }

    /** Whether a write of so many bytes fits. Raises the alarm if not. */
    boolean admits(int requestBytes) {
        if (quotaBytes == Long.MAX_VALUE || usedBytes.getAsLong() + requestBytes + OVERHEAD_BYTES <= quotaBytes) {
            return true;
        }
        raise();
        return false;
    }

    private void raise() {
        if (!raising.compareAndSet(false, true)) {
            return;
        }
        byte[] request = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .setMemberID(memberId)
                .setAlarm(AlarmType.NOSPACE)
                .build()
                .toByteArray();
        var _ = proposals.proposeSystem(Command.of(CommandKind.ALARM, request)).whenComplete((_, failure) -> {
            raising.set(false);
            if (failure == null) {
                log.warn("raised alarm NOSPACE: the database has reached its quota of {} bytes", quotaBytes);
            } else if (Failures.cause(failure) instanceof EtcdException e) {
                log.warn("could not raise alarm NOSPACE: {}", e.getMessage());
            }
        });
    }
}
