package io.keelson.kvstore.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.keelson.kvstore.api.AlarmMember;
import io.keelson.kvstore.api.AlarmType;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandContext;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.lease.LeaseRecord;
import io.keelson.kvstore.lease.MapSession;
import io.keelson.kvstore.storage.Session;
import io.keelson.kvstore.storage.Table;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AlarmGuardTest {
    private static final long NOW_MS = 50_000;

    private final MapSession session = new MapSession();

    private final class Context implements CommandContext {
        @Override
        public Session session() {
            return session;
        }

        @Override
        public long index() {
            return 1;
        }

        @Override
        public long term() {
            return 1;
        }

        @Override
        public long clusterTimeMs() {
            return NOW_MS;
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
            throw new AssertionError("a guard changes nothing");
        }
    }

    private @Nullable EtcdError check(AlarmType raised, CommandKind kind, long... leaseIds) {
        Membership membership = new Membership(
                Membership.NONE.members(),
                Membership.NONE.removed(),
                List.of(AlarmMember.newBuilder().setMemberID(1).setAlarm(raised).build()),
                null,
                Membership.NONE.downgrade());
        ByteBuffer ids = ByteBuffer.allocate(leaseIds.length * Long.BYTES);
        ids.asLongBuffer().put(leaseIds);
        return new AlarmGuard(() -> membership).check(new Context(), Command.of(kind, ids.array()), null);
    }

    private void lease(long id, long deadlineMs) {
        session.put(Table.LEASE, LeaseRecord.key(id), new LeaseRecord(10, deadlineMs).encode());
    }

    @Test
    void withCorruptNothingEndsALeaseWhoseTimeIsOver() {
        lease(1, NOW_MS);
        lease(2, NOW_MS + 1);
        assertEquals(EtcdError.CORRUPT, check(AlarmType.CORRUPT, CommandKind.LEASE_EXPIRE, 1));
        assertEquals(EtcdError.CORRUPT, check(AlarmType.CORRUPT, CommandKind.LEASE_REVOKE));
        assertEquals(EtcdError.CORRUPT, check(AlarmType.CORRUPT, CommandKind.LEASE_RENEW, 2, 1));
    }

    @Test
    void withCorruptLeasesThatHoldAreRenewed() {
        lease(2, NOW_MS + 1);
        assertNull(check(AlarmType.CORRUPT, CommandKind.LEASE_RENEW, 2, 99));
    }

    @Test
    void withoutSpaceLeasesAreRenewedAndEnd() {
        lease(1, NOW_MS);
        for (CommandKind kind :
                new CommandKind[] {CommandKind.LEASE_EXPIRE, CommandKind.LEASE_RENEW, CommandKind.LEASE_REVOKE}) {
            assertNull(check(AlarmType.NOSPACE, kind, 1), kind.name());
        }
        assertEquals(EtcdError.NO_SPACE, check(AlarmType.NOSPACE, CommandKind.LEASE_GRANT));
    }
}
