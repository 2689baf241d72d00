package io.keelson.raft.log;

import static io.keelson.raft.log.LogFixture.assertHolds;
import static io.keelson.raft.log.LogFixture.configuration;
import static io.keelson.raft.log.LogFixture.entry;
import static io.keelson.raft.log.LogFixture.openSmall;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.LogEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The log against a list, through whatever is done to both. */
class LogModelTest {
    sealed interface Action {
        record Append(int count, int dataBytes, boolean withConfiguration) implements Action {}

        /** @param back how many entries are taken back, at most */
        record TruncateSuffix(int back) implements Action {}

        /** @param ahead by how much the first index moves on; may pass the end */
        record TruncatePrefix(int ahead) implements Action {}

        record Reset(int nextIndex) implements Action {}

        record Reopen() implements Action {}

        /** The process ends without a word; what it wrote is there. */
        record Crash() implements Action {}
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        Arbitrary<Action> append = Combinators.combine(
                        Arbitraries.integers().between(1, 40),
                        Arbitraries.integers().between(0, 900),
                        Arbitraries.of(true, false, false, false))
                .as(Action.Append::new);
        Arbitrary<Action> suffix = Arbitraries.integers().between(0, 60).map(Action.TruncateSuffix::new);
        Arbitrary<Action> prefix = Arbitraries.integers().between(0, 60).map(Action.TruncatePrefix::new);
        Arbitrary<Action> reset = Arbitraries.integers().between(1, 500).map(Action.Reset::new);
        Arbitrary<Action> reopen = Arbitraries.create(Action.Reopen::new);
        Arbitrary<Action> crash = Arbitraries.create(Action.Crash::new);
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(8, append),
                        net.jqwik.api.Tuple.of(4, suffix),
                        net.jqwik.api.Tuple.of(3, prefix),
                        net.jqwik.api.Tuple.of(1, reset),
                        net.jqwik.api.Tuple.of(2, reopen),
                        net.jqwik.api.Tuple.of(1, crash))
                .list()
                .ofMaxSize(40);
    }

    @Property(tries = 150)
    void theLogIsAlwaysWhatAListWouldBe(@ForAll("actions") List<Action> actions) throws IOException {
        Path root = Files.createTempDirectory("log-model");
        Model model = new Model(root);
        try {
            for (Action action : actions) {
                model.carryOut(action);
            }
            model.carryOut(new Action.Reopen());
            model.check();
        } finally {
            model.log.shutdown();
            LogFixture.delete(root);
        }
    }

    private static final class Model {
        private final Path root;
        private Path directory;
        private SegmentLogStorage log;
        private ConfigurationManager manager = new ConfigurationManager();
        private final List<LogEntry> entries = new ArrayList<>();
        private long firstIndex = 1;
        private long term = 1;
        private int crashes;

        Model(Path root) {
            this.root = root;
            this.directory = root.resolve("0");
            this.log = openSmall(directory);
        }

        private long nextIndex() {
            return firstIndex + entries.size();
        }

        void carryOut(Action action) throws IOException {
            switch (action) {
                case Action.Append append -> append(append);
                case Action.TruncateSuffix suffix -> {
                    long kept = Math.max(firstIndex - 1, nextIndex() - 1 - suffix.back());
                    assertTrue(log.truncateSuffix(kept));
                    entries.subList((int) (kept + 1 - firstIndex), entries.size())
                            .clear();
                    term++;
                }
                case Action.TruncatePrefix prefix -> {
                    long first = firstIndex + prefix.ahead();
                    assertTrue(log.truncatePrefix(first));
                    entries.subList(0, (int) Math.min(entries.size(), first - firstIndex))
                            .clear();
                    firstIndex = first;
                }
                case Action.Reset reset -> {
                    assertTrue(log.reset(reset.nextIndex()));
                    entries.clear();
                    firstIndex = reset.nextIndex();
                }
                case Action.Reopen ignored -> {
                    log.shutdown();
                    open();
                    check();
                }
                case Action.Crash ignored -> {
                    Path copy = root.resolve(String.valueOf(++crashes));
                    LogFixture.copy(directory, copy);
                    log.shutdown();
                    LogFixture.delete(directory);
                    directory = copy;
                    open();
                    check();
                }
            }
        }

        private void append(Action.Append append) {
            List<LogEntry> added = new ArrayList<>();
            for (int i = 0; i < append.count(); i++) {
                long index = nextIndex() + i;
                added.add(
                        append.withConfiguration() && i % 7 == 0
                                ? configuration(index, term, 1 + i % 3)
                                : entry(index, term, append.dataBytes() * i % 1000));
            }
            assertEquals(added.size(), log.appendEntries(added));
            entries.addAll(added);
        }

        private void open() {
            manager = new ConfigurationManager();
            log = new SegmentLogStorage(
                    directory, false, LogFixture.SMALL_SEGMENT_BYTES, LogFixture.SMALL_SEGMENT_BYTES);
            assertTrue(log.init(LogFixture.options(manager)), () -> String.valueOf(log.failure()));
        }

        void check() {
            assertHolds(log, firstIndex, entries);
            long expected = 0;
            for (LogEntry entry : entries) {
                if (entry.getPeers() != null) {
                    expected = entry.getId().getIndex();
                    assertEquals(entry.getId(), manager.get(expected).getId());
                }
            }
            assertEquals(expected, manager.getLastConfiguration().getId().getIndex());
        }
    }
}
