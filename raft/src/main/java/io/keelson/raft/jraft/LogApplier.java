package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.LeaderChangeContext;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import io.keelson.raft.Leadership;
import io.keelson.raft.StateMachine;
import io.keelson.raft.jraft.Proposals.Submitted;
import io.keelson.raft.jraft.Role.Following;
import io.keelson.raft.jraft.Role.Leaderless;
import io.keelson.raft.jraft.Role.Leading;
import io.keelson.raft.jraft.Role.Window;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The apply thread: what jraft commits becomes batches for the state machine, and news for those who wait. */
final class LogApplier extends StateMachineAdapter {
    /** A batch is handed over when it has so many bytes; a single entry may be larger. */
    private static final long BATCH_BYTES_MAX = 4 << 20;

    private static final Logger log = LoggerFactory.getLogger(LogApplier.class);

    private final long memberId;
    private final StateMachine stateMachine;
    private final Proposals proposals;
    private final ReadRounds reads;
    private final ClusterClock clock;
    private final ResultThread results;
    private final Snapshots snapshots;
    private final Consumer<String> failed;
    private final CommittedEntries batch;
    private final List<Submitted> submitted = new ArrayList<>();

    private volatile @Nullable NodeImpl node;
    private volatile @Nullable CommitNews news;
    private volatile Role role = new Leaderless(0);
    private volatile long appliedIndex;
    private volatile boolean broken;

    LogApplier(
            long memberId,
            StateMachine stateMachine,
            Proposals proposals,
            ReadRounds reads,
            ClusterClock clock,
            ResultThread results,
            Snapshots snapshots,
            Consumer<String> failed) {
        this.memberId = memberId;
        this.stateMachine = stateMachine;
        this.proposals = proposals;
        this.reads = reads;
        this.clock = clock;
        this.results = results;
        this.snapshots = snapshots;
        this.failed = failed;
        this.batch = new CommittedEntries(memberId, proposals);
        this.appliedIndex = stateMachine.appliedIndex();
        reads.applied(appliedIndex);
    }

    void start(NodeImpl started, CommitNews commitNews) {
        news = commitNews;
        node = started;
    }

    Role role() {
        return role;
    }

    /** The index of the last entry whose effects the state machine holds. */
    long appliedIndex() {
        return appliedIndex;
    }

    @Override
    public void onApply(Iterator entries) {
        try {
            while (entries.hasNext()) {
                take(entries.getData(), entries.getIndex(), entries.getTerm(), entries.done());
                if (batch.bytes() >= BATCH_BYTES_MAX) {
                    deliver();
                }
                entries.next();
            }
            deliver();
        } catch (RuntimeException | Error e) {
            String why = "applying failed after entry " + appliedIndex + ": " + e;
            log.error("{}", why, e);
            batch.abandon(why);
            batch.clear();
            fail(why);
            entries.setErrorAndRollback(1, new Status(RaftError.ESTATEMACHINE, "the state machine failed"));
        }
    }

    private void take(ByteBuffer entry, long index, long term, @Nullable Closure done) {
        if (done instanceof Submitted own) {
            submitted.add(own);
        }
        proposals.entered(term);
        if (index <= appliedIndex) {
            // The state machine has it, but this member may have started since.
            clock.saw(EntryFormat.clusterTimeMs(entry.duplicate()));
            return;
        }
        clock.saw(batch.add(entry.duplicate(), index, term));
    }

    private void deliver() {
        if (batch.filled()) {
            stateMachine.apply(batch);
            appliedIndex = batch.lastIndex();
            Runnable told = batch.results();
            int commands = batch.size();
            long bytes = batch.bytes();
            batch.clear();
            if (told != null) {
                results.execute(told);
            }
            reads.applied(appliedIndex);
            snapshots.applied(appliedIndex, commands, bytes);
        }
        for (Submitted entry : submitted) {
            entry.applied();
        }
        submitted.clear();
        // There is room now for what gathered meanwhile, at the leader as at a follower.
        proposals.drain();
        CommitNews followers = news;
        if (followers != null && role instanceof Leading) {
            followers.applied(appliedIndex, proposals.moreSoon());
        }
    }

    @Override
    public void onLeaderStart(long term) {
        if (role instanceof Leading leading && leading.term() == term) {
            return;
        }
        clock.start();
        become(new Leading(term, memberId, new Window()));
    }

    @Override
    public void onLeaderStop(Status status) {
        clock.stop();
        become(new Leaderless(role.term()));
    }

    @Override
    public void onStartFollowing(LeaderChangeContext context) {
        become(new Following(context.getTerm(), MemberNames.id(context.getLeaderId()), new Window()));
    }

    @Override
    public void onStopFollowing(LeaderChangeContext context) {
        become(new Leaderless(Math.max(role.term(), context.getTerm())));
    }

    private void become(Role newRole) {
        role = newRole;
        proposals.roleChanged(newRole);
        reads.roleChanged(newRole);
        try {
            stateMachine.leadershipChanged(
                    new Leadership(newRole.term(), newRole.leaderId(), newRole instanceof Leading));
        } catch (RuntimeException e) {
            // The state is whole: the state machine is told again at the next change.
            log.error("the state machine failed to take note of {}", newRole, e);
        }
    }

    @Override
    public void onSnapshotSave(SnapshotWriter writer, Closure done) {
        // Entries without commands have not reached the state machine; it must know the index the snapshot is for.
        NodeImpl raft = node;
        long index;
        try {
            index = raft == null ? 0 : raft.getLastAppliedLogIndex();
        } catch (IllegalStateException e) {
            done.run(new Status(RaftError.ENODESHUTDOWN, "this member is closing"));
            return;
        }
        try {
            if (index > appliedIndex) {
                batch.advance(index, role.term());
                deliver();
            }
        } catch (RuntimeException | Error e) {
            String why = "the state machine failed after entry " + appliedIndex + ": " + e;
            log.error("{}", why, e);
            batch.clear();
            fail(why);
            done.run(new Status(RaftError.ESTATEMACHINE, "the state machine failed"));
            return;
        }
        ((FolderSnapshotWriter) writer).clusterTime(clock.nowMs());
        snapshots.save(Path.of(writer.getPath()), writer, done);
    }

    @Override
    public boolean onSnapshotLoad(SnapshotReader reader) {
        SnapshotMeta meta = reader.load();
        if (meta == null) {
            fail("the snapshot in " + reader.getPath() + " has no readable description");
            return false;
        }
        clock.saw(((FolderSnapshotReader) reader).clusterTimeMs());
        long index = meta.getLastIncludedIndex();
        if (stateMachine.appliedIndex() < index) {
            try {
                stateMachine.restore(Path.of(reader.getPath()).resolve(Snapshots.STATE));
            } catch (IOException | RuntimeException | Error e) {
                String why = "the snapshot in " + reader.getPath() + " cannot be restored: " + e;
                log.error("{}", why, e);
                fail(why);
                return false;
            }
        }
        appliedIndex = Math.max(stateMachine.appliedIndex(), index);
        proposals.entered(meta.getLastIncludedTerm());
        proposals.snapshotLoaded();
        reads.applied(index);
        return true;
    }

    @Override
    public void onError(RaftException error) {
        String text = error.getStatus().getErrorMsg();
        fail("the log failed: " + error.getType() + (text == null ? "" : ": " + text));
    }

    @Override
    public void onShutdown() {
        // The member itself tells those who wait.
    }

    private void fail(String why) {
        if (!broken) {
            broken = true;
            failed.accept(why);
        }
    }
}
