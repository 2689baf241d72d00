package io.keelson.kvstore.lease;

import io.keelson.kvstore.api.LeaseGrantRequest;
import io.keelson.kvstore.api.LeaseRevokeRequest;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import java.nio.ByteBuffer;

/** Commands as tests write them. */
final class LeaseCommands {
    private LeaseCommands() {}

    static Command grant(long id, long ttlSeconds) {
        return Command.of(
                CommandKind.LEASE_GRANT,
                LeaseGrantRequest.newBuilder()
                        .setID(id)
                        .setTTL(ttlSeconds)
                        .build()
                        .toByteArray());
    }

    static Command revoke(long id) {
        return Command.of(
                CommandKind.LEASE_REVOKE,
                LeaseRevokeRequest.newBuilder().setID(id).build().toByteArray());
    }

    static Command renew(long... ids) {
        return Command.of(CommandKind.LEASE_RENEW, LeaseIds.encode(ids));
    }

    static Command expire(long... ids) {
        return Command.of(CommandKind.LEASE_EXPIRE, LeaseIds.encode(ids));
    }

    static long[] ttls(ApplyResult result) {
        return LeaseIds.decode(ByteBuffer.wrap(result.body()));
    }
}
