package io.keelson.kvstore.crashpoints;

import io.keelson.kvstore.crashpoints.Control.Applied;
import io.keelson.kvstore.crashpoints.Control.Entry;
import io.keelson.kvstore.crashpoints.Control.Vote;
import io.keelson.kvstore.crashpoints.ImageOpening.Answer;
import io.keelson.kvstore.crashpoints.ImageOpening.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Holds what an image of one member holds against what was committed, and against what the member had promised. Of one member
 * and in the order in which its images were made.
 *
 * <p>What a log holds beyond that may never be committed: a leader that lost its office has such entries, until its successor
 * takes them back. So an image may differ from what was committed only behind all that the member is known to have had for
 * committed, and only if there was a later leader.
 */
final class ImageJudge {
    private static final Duration TELLING = Duration.ofSeconds(20);

    private final Chronicle chronicle;
    private final Set<String> voterUrls;
    private final LongSupplier term;
    private State before = State.NONE;

    /**
     * What a member had promised when its image was made.
     *
     * @param entry that its log holds
     * @param vote that it may have told
     * @param applied that readers had seen. Its log may not be as far yet, if the others were faster to write
     */
    record Promises(Entry entry, Vote vote, Applied applied) {
        /** Whether what readers had seen is in the log, or in a snapshot that takes its place. */
        boolean holdsApplied() {
            return entry.index() == 0 || applied.index() <= entry.index();
        }
    }

    /**
     * @param chronicle what was committed
     * @param voterUrls where the members are
     * @param term tells the term of the members now, which is asked for when an image differs
     */
    ImageJudge(Chronicle chronicle, Set<String> voterUrls, LongSupplier term) {
        this.chronicle = chronicle;
        this.voterUrls = voterUrls;
        this.term = term;
    }

    /**
     * What is wrong with an image; nothing if it is right.
     *
     * @param answer what it holds
     * @param closer opens it once more, and tells the hash at each revision, too
     */
    List<String> judge(Promises promises, Answer answer, Supplier<Answer> closer) throws InterruptedException {
        List<String> wrong = new ArrayList<>();
        if (answer.failure() != null) {
            return List.of(answer.failure());
        }
        if (!answer.founded()) {
            if (promises.vote().term() > 0 || promises.entry().index() > 0) {
                wrong.add("the member has voted or stored entries, and does not know who it is");
            }
            return wrong;
        }
        judgeVote(promises.vote(), answer, wrong);
        judgeLog(promises.entry(), answer, wrong);
        judgeWritten(answer, wrong);
        judgeMembers(answer, wrong);
        judgeReplayed(promises, answer, closer, wrong);
        if (!sameContent(answer.replayed(), answer.again())) {
            wrong.add("the second start has " + answer.again() + ", the first had " + answer.replayed());
        }
        State written = answer.written();
        before = new State(
                Math.max(before.index(), written.index()),
                Math.max(before.revision(), written.revision()),
                Math.max(before.compactRevision(), written.compactRevision()),
                0);
        chronicle.forget(before.compactRevision());
        return wrong;
    }

    private static void judgeVote(Vote promised, Answer answer, List<String> wrong) {
        boolean nobody = promised.checksum() == Control.checksum(NOBODY);
        if (answer.term() < promised.term()
                || (answer.term() == promised.term()
                        && promised.term() > 0
                        && !nobody
                        && answer.vote() != promised.checksum())) {
            wrong.add("the vote is of term " + answer.term() + " and for #" + answer.vote() + "; promised was "
                    + promised);
        }
    }

    /** How the library writes that there was no vote. */
    static final String NOBODY = "0.0.0.0:0";

    private static void judgeLog(Entry promised, Answer answer, List<String> wrong) {
        if (promised.index() < answer.firstIndex()) {
            // Behind a snapshot, without which the member would not start.
            return;
        }
        if (answer.lastIndex() < promised.index() || (promised.term() > 0 && answer.askedTerm() != promised.term())) {
            wrong.add("the log ends at entry " + answer.lastIndex() + " and has term " + answer.askedTerm()
                    + " for the one that was stored: " + promised);
        }
    }

    /** What was written was applied, so it was committed. */
    private void judgeWritten(Answer answer, List<String> wrong) throws InterruptedException {
        State written = answer.written();
        if (written.equals(State.NONE)) {
            return;
        }
        if (written.compactRevision() < before.compactRevision()) {
            wrong.add("the state that was written has " + written + ", and an earlier one had " + before);
        } else if (!chronicle.await(written.revision(), TELLING)) {
            wrong.add("the state that was written is of revision " + written.revision() + ", and committed were "
                    + chronicle.revision());
        } else if (written.hash() != chronicle.hash(written.revision(), written.compactRevision())) {
            wrong.add("the state that was written is not what was committed up to its revision: " + written);
        }
    }

    /** The members are the voters, or none before the table is there, and learners that were asked for. */
    private void judgeMembers(Answer answer, List<String> wrong) {
        Set<String> voters = new HashSet<>();
        for (Map.Entry<String, String> member : answer.members().entrySet()) {
            String[] words = member.getValue().split(" ", 2);
            boolean learner = Boolean.parseBoolean(words[1]);
            if (!learner) {
                voters.add(words[0]);
            }
            if (!(learner ? chronicle.learnerUrls() : voterUrls).contains(words[0])) {
                wrong.add("nobody asked for member " + member);
            }
        }
        // The table is made member by member while the cluster is founded; each member takes its first write after
        // that.
        if (answer.written().revision() > 1 + voterUrls.size() && !voters.equals(voterUrls)) {
            wrong.add("the voters are " + voters + " of " + voterUrls);
        }
    }

    private void judgeReplayed(Promises promises, Answer answer, Supplier<Answer> closer, List<String> wrong)
            throws InterruptedException {
        State replayed = answer.replayed();
        if (promises.holdsApplied()
                && (replayed.revision() < promises.applied().revision()
                        || replayed.index() < promises.applied().index())) {
            wrong.add(promises + " was seen; the start has " + replayed);
        }
        if (replayed.revision() < before.revision() || replayed.index() < before.index()) {
            wrong.add("an earlier image had " + before + " written; the start has " + replayed);
        }
        if (replayed.compactRevision() < before.compactRevision()
                || (replayed.compactRevision() > 0 && !chronicle.compactions().contains(replayed.compactRevision()))) {
            wrong.add(
                    "compacted is " + replayed.compactRevision() + ", which was not asked for or is behind " + before);
            return;
        }
        boolean told = chronicle.await(replayed.revision(), TELLING);
        if (told && replayed.hash() == chronicle.hash(replayed.revision(), replayed.compactRevision())) {
            return;
        }
        long now = term.getAsLong();
        Answer close = closer.get();
        long same = answer.written().revision();
        long differs = -1;
        for (Map.Entry<Long, Integer> each : close.hashByRevision().entrySet()) {
            long revision = each.getKey();
            if (revision > chronicle.revision()
                    || each.getValue()
                            != chronicle.hash(revision, close.replayed().compactRevision())) {
                differs = revision;
                break;
            }
            same = revision;
        }
        if (differs <= promises.applied().revision() || now <= answer.lastTerm()) {
            wrong.add("the start has " + replayed + ", which is what was committed up to revision " + same
                    + " and not at " + differs + "; committed is " + chronicle.revision() + ", seen was "
                    + promises.applied() + ", the last entry is of term " + answer.lastTerm()
                    + " and the members are in term " + now
                    + (close.failure() == null ? "" : "; looking closer failed: " + close.failure()));
        }
    }

    private static boolean sameContent(State one, State other) {
        return one.revision() == other.revision()
                && one.compactRevision() == other.compactRevision()
                && one.hash() == other.hash()
                && one.index() <= other.index();
    }
}
