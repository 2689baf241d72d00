package io.keelson.kvstore.apply;

import com.google.protobuf.MessageLite;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.lease.LeaseAttachments;
import io.keelson.kvstore.mvcc.CompactionListener;
import io.keelson.kvstore.mvcc.EventSink;
import io.keelson.kvstore.mvcc.KeyValueCommands;
import io.keelson.kvstore.mvcc.MvccWriter;
import io.keelson.kvstore.mvcc.RevisionEvents;
import io.keelson.kvstore.storage.AppliedState;
import io.keelson.kvstore.storage.BatchSession;
import io.keelson.kvstore.storage.Database;
import io.keelson.kvstore.storage.Session;
import io.keelson.kvstore.storage.StorageException;
import io.keelson.raft.CommittedBatch;
import io.keelson.raft.Leadership;
import io.keelson.raft.StateMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies committed commands to the database.
 *
 * <p><b>A batch</b> is carried out command by command against the session, in memory, and then written with one atomic
 * write that also says where in the log it ends; after that its events go to the watchers. A batch that grows beyond
 * {@link io.keelson.kvstore.storage.StorageConfig#batchBytesMax} is written in several such steps, each at the end of a
 * command; the row of the applied index then says how many commands of an unfinished entry are already in the state, and
 * a replay leaves those out.
 *
 * <p><b>A command</b> passes the guards in order and reaches the handler of its kind. Whatever it wrote is taken back if
 * it fails. Three kinds of failure are told apart:
 *
 * <ul>
 *   <li>An {@link EtcdException} is an answer.
 *   <li>A {@link StorageException}, or any {@link Error}, says something about this member and nothing about the command.
 *       It leaves {@link #apply}, and the member leaves service with the state as of the last batch. So does a command
 *       of a kind or form that this version does not know.
 *   <li>Any other exception is a fault of the program. Being a function of state and command it strikes every member of
 *       the same version alike, so it is logged and answered with {@link EtcdError#APPLY_FAILED}: no request takes the
 *       cluster down, and members stay equal.
 * </ul>
 *
 * <p>Handlers and guards are registered before {@link #reload}; all of them run on the apply thread.
 */
public final class KvStateMachine implements StateMachine {
    private static final Logger log = LoggerFactory.getLogger(KvStateMachine.class);

    /** After so many keys no further command is looked at; one command has some hundred at most. */
    private static final int KEYS_READ_AHEAD = 256;

    private final Database database;
    private final BatchSession session;
    private final long batchBytesMax;
    private final MvccWriter writer;
    private final KeyValueCommands keyValueCommands;
    private final EventSink events;
    private final CompactionListener compactions;
    private final List<ApplyGuard> guards = new ArrayList<>();
    private final Map<CommandKind, CommandHandler> handlers = new EnumMap<>(CommandKind.class);
    private final Set<CommandHandler> distinctHandlers = new LinkedHashSet<>();
    private final Context context = new Context();
    private Consumer<Leadership> leadershipListener = leadership -> {};
    private ApplyObserver observer = (kind, success, nanos) -> {};
    private AppliedState state;
    private boolean failed;

    /**
     * @param batchBytesMax see {@link io.keelson.kvstore.storage.StorageConfig#batchBytesMax}
     * @param answerBytesMax what the answers to commands may take together until they are handed over
     * @param compactions is told of compactions, to drop what they made unreadable
     */
    public KvStateMachine(
            Database database,
            LeaseAttachments leases,
            EventSink events,
            CompactionListener compactions,
            long batchBytesMax,
            long answerBytesMax) {
        this.database = database;
        this.session = database.session();
        this.batchBytesMax = batchBytesMax;
        this.events = events;
        this.compactions = compactions;
        this.writer = new MvccWriter(session, leases);
        this.keyValueCommands = new KeyValueCommands(writer, answerBytesMax);
        this.state = database.published();
        writer.load(state);
    }

    /** Adds a guard, behind those added before. */
    public KvStateMachine guard(ApplyGuard guard) {
        guards.add(guard);
        return this;
    }

    /** Has commands of a kind, other than those of the KV service, carried out by a handler. */
    public KvStateMachine handler(CommandKind kind, CommandHandler handler) {
        if (isKeyValue(kind)) {
            throw new IllegalArgumentException("commands of kind " + kind + " are carried out here");
        }
        if (handlers.put(kind, handler) != null) {
            throw new IllegalArgumentException("commands of kind " + kind + " have a handler already");
        }
        distinctHandlers.add(handler);
        return this;
    }

    /** Sets who is told, by the apply thread, of changes of term, leader and role. */
    public KvStateMachine leadershipListener(Consumer<Leadership> listener) {
        leadershipListener = listener;
        return this;
    }

    /** Sets who hears how long commands take. */
    public KvStateMachine observer(ApplyObserver newObserver) {
        observer = newObserver;
        return this;
    }

    /** Has the handlers read their state from the database; once, before the first batch. */
    public void reload() {
        state = database.published();
        writer.load(state);
        distinctHandlers.forEach(CommandHandler::reload);
    }

    private static boolean isKeyValue(CommandKind kind) {
        return switch (kind) {
            case PUT, DELETE_RANGE, TXN, COMPACT -> true;
            default -> false;
        };
    }

    @Override
    public long appliedIndex() {
        return database.published().index();
    }

    @Override
    public void apply(CommittedBatch batch) {
        if (failed) {
            throw new IllegalStateException("an earlier batch could not be applied");
        }
        if (batch.lastIndex() <= state.index()) {
            throw new IllegalStateException(
                    "entry " + batch.lastIndex() + " is delivered again; the state holds " + state.index());
        }
        failed = true;
        applyEntries(batch);
        failed = false;
    }

    private void applyEntries(CommittedBatch batch) {
        long doneIndex = state.partialIndex();
        int doneCommands = state.partialCommands();
        long index = 0;
        int ordinal = 0;
        int readAheadTo = 0;
        long beganNs = System.nanoTime();
        for (int i = 0; i < batch.size(); i++) {
            if (batch.index(i) != index) {
                index = batch.index(i);
                ordinal = 0;
            }
            ordinal++;
            if (index == doneIndex && ordinal <= doneCommands) {
                continue;
            }
            if (i >= readAheadTo && session.readsAreSlow()) {
                readAheadTo = readAhead(batch, i);
                beganNs = System.nanoTime();
            }
            context.begin(batch, i);
            Command command = Command.decode(batch.command(i));
            ApplyResult result = carryOut(command);
            batch.complete(i, result);
            long endedNs = System.nanoTime();
            observer.applied(command.kind(), result.error() == null, endedNs - beganNs);
            beganNs = endedNs;
            if (session.sizeBytes() > batchBytesMax) {
                commit(state.index(), state.term(), index, ordinal);
                beganNs = System.nanoTime();
            }
        }
        commit(batch.lastIndex(), batch.lastTerm(), 0, 0);
    }

    /**
     * Has what the next commands will read come from the disk all at once. Returns the command behind them.
     *
     * @param from the command that is carried out next
     */
    private int readAhead(CommittedBatch batch, int from) {
        List<byte[]> keys = new ArrayList<>();
        int to = from;
        for (; to < batch.size() && keys.size() < KEYS_READ_AHEAD; to++) {
            Command command = Command.decode(batch.command(to));
            try {
                MessageLite request = isKeyValue(command.kind()) ? Payloads.parse(command) : null;
                if (request != null) {
                    KeyValueCommands.keysOf(request, keys);
                }
            } catch (IOException e) {
                // It is answered with what is wrong when its turn comes.
                log.debug("a command of kind {} cannot be read", command.kind(), e);
            }
        }
        if (keys.size() > 1) {
            session.readAhead(keys);
        }
        return to;
    }

    private void commit(long index, long term, long partialIndex, int partialCommands) {
        AppliedState next = new AppliedState(
                index, term, partialIndex, partialCommands, writer.revision(), writer.compactRevision());
        boolean compacted = next.compactRevision() != state.compactRevision();
        session.commit(next);
        state = next;
        for (CommandHandler handler : distinctHandlers) {
            handler.batchCommitted();
        }
        List<RevisionEvents> revisions = writer.takeBatch();
        if (!revisions.isEmpty()) {
            events.committed(revisions);
        }
        if (compacted) {
            compactions.compacted(next.compactRevision());
            events.compacted(next.compactRevision());
        }
    }

    private ApplyResult carryOut(Command command) {
        int marks = session.marks();
        session.mark();
        ApplyResult refused;
        try {
            MessageLite request = isKeyValue(command.kind()) || !guards.isEmpty() ? Payloads.parse(command) : null;
            EtcdError refusal = refusal(command, request);
            if (refusal != null) {
                refused = ApplyResult.failure(writer.revision(), refusal);
            } else if (request != null && isKeyValue(command.kind())) {
                KeyValueCommands.Outcome outcome = keyValueCommands.carryOut(request, context.local());
                keep();
                return outcome.answerTooLarge()
                        ? ApplyResult.failure(writer.revision(), EtcdError.RESPONSE_TOO_LARGE)
                        : ApplyResult.success(writer.revision(), outcome.body());
            } else {
                ApplyResult result = handlerOf(command).apply(context, command);
                if (result.error() == null) {
                    keep();
                    return result;
                }
                refused = result;
            }
        } catch (EtcdException e) {
            refused = ApplyResult.failure(writer.revision(), e.error());
        } catch (StorageException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            log.error("a command of kind {} in entry {} failed", command.kind(), context.index(), e);
            refused = ApplyResult.failure(writer.revision(), EtcdError.APPLY_FAILED);
        }
        while (session.marks() > marks) {
            session.rollback();
        }
        writer.undo();
        return refused;
    }

    private void keep() {
        session.keep();
        writer.finish();
    }

    private @Nullable EtcdError refusal(Command command, @Nullable MessageLite request) {
        for (ApplyGuard guard : guards) {
            EtcdError refusal = guard.check(context, command, request);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private CommandHandler handlerOf(Command command) {
        CommandHandler handler = handlers.get(command.kind());
        if (handler == null) {
            throw new IllegalStateException("nobody carries out commands of kind " + command.kind());
        }
        return handler;
    }

    @Override
    public void saveSnapshot(Path directory) throws IOException {
        database.saveSnapshot(directory);
    }

    @Override
    public void restore(Path directory) throws IOException {
        database.restore(directory);
        failed = false;
        reload();
        compactions.restored(state.compactRevision());
        events.restored(state.revision());
    }

    @Override
    public void leadershipChanged(Leadership leadership) {
        leadershipListener.accept(leadership);
    }

    /** The command under way; one object for all of them. */
    private final class Context implements CommandContext {
        private long index;
        private long term;
        private long clusterTimeMs;
        private boolean local;

        void begin(CommittedBatch batch, int i) {
            index = batch.index(i);
            term = batch.term(i);
            clusterTimeMs = batch.clusterTimeMs(i);
            local = batch.isLocal(i);
        }

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
            return term;
        }

        @Override
        public long clusterTimeMs() {
            return clusterTimeMs;
        }

        @Override
        public boolean local() {
            return local;
        }

        @Override
        public long revision() {
            return writer.readRevision();
        }

        @Override
        public int deleteKeys(List<byte[]> keys, long bytesMax) {
            return writer.deleteKeys(keys, bytesMax);
        }
    }
}
