package io.keelson.kvstore.apply;

import com.google.protobuf.MessageLite;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.Session;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what adds data while a NOSPACE alarm is on: puts, transactions that may put on some path, and new leases. Reads,
 * deletions, compaction and everything else go on, so that room can be made.
 */
public final class NoSpaceGuard implements ApplyGuard {
    private final Predicate<Session> alarmed;

    /** @param alarmed whether any member has raised the alarm, as the commands so far have it */
    public NoSpaceGuard(Predicate<Session> alarmed) {
        this.alarmed = alarmed;
    }

    @Override
    public @Nullable EtcdError check(CommandContext context, Command command, @Nullable MessageLite request) {
        boolean adds = switch (command.kind()) {
            case PUT, LEASE_GRANT -> true;
            case TXN -> request instanceof TxnRequest txn && RequestValidation.puts(txn);
            default -> false;
        };
        return adds && alarmed.test(context.session()) ? EtcdError.NO_SPACE : null;
    }
}
