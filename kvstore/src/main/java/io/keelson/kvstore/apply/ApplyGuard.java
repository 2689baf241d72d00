package io.keelson.kvstore.apply;

import com.google.protobuf.MessageLite;
import io.keelson.kvstore.errors.EtcdError;
import org.jspecify.annotations.Nullable;

/** Refuses commands before they are carried out: the member is corrupt, the user may not, the space is used up. */
@FunctionalInterface
public interface ApplyGuard {
    /**
     * Judges a command by the state as all earlier commands have made it. Deterministic.
     *
     * @param request the payload, parsed; null for kinds whose payload is not a message
     * @return why the command is refused, null to let it through
     */
    @Nullable
    EtcdError check(CommandContext context, Command command, @Nullable MessageLite request);
}
