package io.keelson.kvstore.apply;

/**
 * Carries out commands of some kinds. Deterministic (see {@link io.keelson.raft.StateMachine}). Derived state that a
 * handler keeps in memory is changed in {@link #batchCommitted}, or is such that an undone command does no harm.
 */
public interface CommandHandler {
    /**
     * Carries out one command.
     *
     * @return the answer; a failure undoes everything the command wrote
     * @throws io.keelson.kvstore.errors.EtcdException as another way of returning a failure
     */
    ApplyResult apply(CommandContext context, Command command);

    /** The batch is written: what the handler's tables held before the commit may now be read afresh. */
    default void batchCommitted() {}

    /** The whole state was replaced (start, or a snapshot from another member): everything in memory is read anew. */
    default void reload() {}
}
