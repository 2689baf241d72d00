package io.keelson.kvstore.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.CompactionResponse;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.PutResponse;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.api.TxnRequest;
import io.keelson.kvstore.api.TxnResponse;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.AnswerRoom;
import io.keelson.kvstore.mvcc.HistoryExport;
import io.keelson.kvstore.mvcc.KeyRange;
import io.keelson.kvstore.mvcc.KvEvent;
import io.keelson.kvstore.mvcc.RangeResult;
import io.keelson.kvstore.mvcc.RangeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Random histories, given to the store and to {@link ModelStore}: every answer and everything readable is equal. */
class ModelTest {
    private static final KeyRange EVERYTHING = KeyRange.of(new byte[] {0}, new byte[] {0});

    /** A store under test together with the log it was fed and the model of it. */
    private static final class Run implements AutoCloseable {
        private final Path folder;
        private final Random random;
        private final RandomRequests requests;
        private final ModelStore model = new ModelStore();
        private final List<List<byte[]>> log = new ArrayList<>();
        private TestMember member;
        private int members;

        Run(long seed) {
            random = new Random(seed);
            requests = new RandomRequests(random);
            try {
                folder = Files.createTempDirectory("model");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            member = open(nextFolder());
        }

        private Path nextFolder() {
            return folder.resolve("member-" + members++);
        }

        private TestMember open(Path path) {
            return new TestMember(path, 1 + random.nextInt(4), random.nextInt(3), 1 << 20);
        }

        void step() {
            switch (random.nextInt(24)) {
                case 0 -> member.database().flush();
                case 1 -> member.awaitCompacted();
                case 2 -> crash();
                case 3 -> installSnapshot();
                case 4, 5, 6 -> readSomething();
                default -> applySomething();
            }
        }

        private void applySomething() {
            List<MessageLite> entry = new ArrayList<>();
            List<@Nullable Object> expected = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                MessageLite request = requests.command(model.revision());
                if (refused(request)) {
                    continue;
                }
                entry.add(request);
                Object[] answer = new Object[1];
                EtcdError error = ModelStore.errorOf(() -> answer[0] = model.apply(request));
                expected.add(error != null ? error : answer[0]);
            }
            log.add(entry.stream().map(r -> TestMember.command(r).encode()).toList());
            List<ApplyResult> results = member.apply(entry);
            for (int i = 0; i < entry.size(); i++) {
                ApplyResult result = results.get(i);
                assertEquals(
                        expected.get(i),
                        result.error() != null ? result.error() : response(entry.get(i), result),
                        () -> "answers differ to " + entry);
            }
            assertEquals(model.revision(), member.store().currentRevision());
            assertEquals(model.compactRevision(), member.store().compactRevision());
        }

        private static boolean refused(MessageLite request) {
            EtcdError error = switch (request) {
                case PutRequest put -> RequestValidation.check(put);
                case DeleteRangeRequest delete -> RequestValidation.check(delete);
                case TxnRequest txn -> RequestValidation.check(txn, 128);
                default -> null;
            };
            return error != null;
        }

        private static MessageLite response(MessageLite request, ApplyResult result) {
            return switch (request) {
                case PutRequest _ -> TestMember.parse(result, PutResponse.parser());
                case DeleteRangeRequest _ -> TestMember.parse(result, DeleteRangeResponse.parser());
                case CompactionRequest _ -> TestMember.parse(result, CompactionResponse.parser());
                default -> TestMember.parse(result, TxnResponse.parser());
            };
        }

        private void readSomething() {
            RangeRequest request = requests.range(model.revision());
            RangeResponse[] expected = new RangeResponse[1];
            EtcdError error = ModelStore.errorOf(() -> expected[0] = model.read(request));
            RangeResponse[] found = new RangeResponse[1];
            assertEquals(error, ModelStore.errorOf(() -> found[0] = member.range(request)));
            assertEquals(expected[0], found[0], () -> "answers differ to " + request);
            RangeResponse[] streamed = new RangeResponse[1];
            assertEquals(error, ModelStore.errorOf(() -> streamed[0] = stream(request)));
            assertEquals(expected[0], streamed[0]);
            TxnRequest txn = requests.txn(model.revision(), 2);
            if (RequestValidation.check(txn, 128) == null && RequestValidation.onlyReads(txn)) {
                MessageLite[] read = new MessageLite[1];
                EtcdError txnError = ModelStore.errorOf(() -> read[0] = model.apply(txn));
                MessageLite[] got = new MessageLite[1];
                assertEquals(txnError, ModelStore.errorOf(() -> {
                    try (AnswerRoom.Share room = member.store().answers().share(false)) {
                        var result = member.store().readTxn(txn, room);
                        got[0] = TestMember.parse(
                                result.revision(), result.body().toByteArray(), TxnResponse.parser());
                    }
                }));
                assertEquals(read[0], got[0]);
            }
        }

        private RangeResponse stream(RangeRequest request) {
            RangeStream stream = member.store().rangeStream(request);
            RangeResponse.Builder merged = RangeResponse.newBuilder();
            while (true) {
                try (AnswerRoom.Share room = member.store().answers().shareOfPiece()) {
                    RangeResult piece = stream.next(room);
                    if (piece == null) {
                        return merged.build();
                    }
                    merged.mergeFrom(
                            TestMember.parse(piece.revision(), piece.body().toByteArray(), RangeResponse.parser()));
                }
            }
        }

        /** Loses what was not flushed, and has the log deliver the rest again, in batches of other sizes. */
        private void crash() {
            Path crashed = nextFolder();
            member.copyAsCrashed(crashed);
            member.close();
            member = open(crashed);
            replay(member);
        }

        private void installSnapshot() {
            Path snapshot = nextFolder();
            TestMember other = open(nextFolder());
            try {
                member.machine().saveSnapshot(snapshot);
                if (random.nextBoolean()) {
                    applySomething();
                }
                other.machine().restore(snapshot);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            member.close();
            member = other;
            replay(member);
        }

        private void replay(TestMember target) {
            int from = (int) target.machine().appliedIndex();
            while (from < log.size()) {
                int to = Math.min(log.size(), from + 1 + random.nextInt(5));
                List<TestBatch.Entry> entries = new ArrayList<>();
                for (int i = from; i < to; i++) {
                    entries.add(new TestBatch.Entry(i + 1, log.get(i)));
                }
                target.machine().apply(new TestBatch(entries, false));
                from = to;
            }
        }

        void checkEverything() {
            check();
            member.awaitCompacted();
            check();
            long first = Math.max(1, model.compactRevision());
            try (TestMember twin = open(nextFolder())) {
                replay(twin);
                for (long revision = first; revision <= model.revision(); revision++) {
                    assertEquals(member.store().hashKv(revision), twin.store().hashKv(revision), "hash at " + revision);
                }
                assertNull(twin.database().failure());
            }
            checkNothingUnreadableIsKept();
        }

        private void check() {
            long first = Math.max(1, model.compactRevision());
            for (long revision = first; revision <= model.revision(); revision++) {
                RangeRequest all = RangeRequest.newBuilder()
                        .setKey(ByteString.copyFrom(new byte[1]))
                        .setRangeEnd(ByteString.copyFrom(new byte[1]))
                        .setRevision(revision)
                        .build();
                assertEquals(model.read(all), member.range(all));
                List<ModelStore.Change> told = new ArrayList<>();
                long last = member.store().read(revision, Long.MAX_VALUE - 1, EVERYTHING, true, event -> {
                    told.add(change(event));
                    return true;
                });
                assertEquals(model.revision(), last);
                assertEquals(model.history(revision), told, "history from " + revision);
            }
            if (model.compactRevision() > 0) {
                long compacted = model.compactRevision();
                assertEquals(
                        EtcdError.COMPACTED,
                        ModelStore.errorOf(
                                () -> member.store().read(compacted - 1, compacted, EVERYTHING, false, e -> true)));
            }
        }

        /** Once the compactor is done, an export has one entry for each version and deletion that can still be read. */
        private void checkNothingUnreadableIsKept() {
            // A batch without commands, so that the export is not taken from a view older than the compactor's work.
            log.add(List.of());
            member.apply(List.of());
            List<String> entries = new ArrayList<>();
            try (HistoryExport export = member.store().export()) {
                export.records((entry, record) -> {
                    entries.add(entry.main() + "." + entry.sub());
                    assertEquals(entry.delete(), record == null);
                    return true;
                });
            }
            List<String> expected = new ArrayList<>();
            long compacted = model.compactRevision();
            if (compacted > 0) {
                RangeRequest all = RangeRequest.newBuilder()
                        .setKey(ByteString.copyFrom(new byte[1]))
                        .setRangeEnd(ByteString.copyFrom(new byte[1]))
                        .setRevision(compacted)
                        .build();
                List<KeyValue> kept = model.read(all).getKvsList();
                model.history(0).stream()
                        .filter(c -> c.revision() < compacted
                                && kept.contains(c.event().getKv()))
                        .forEach(c -> expected.add(c.revision() + "." + c.sub()));
            }
            model.history(compacted).forEach(c -> expected.add(c.revision() + "." + c.sub()));
            assertEquals(expected, entries);
        }

        private static ModelStore.Change change(KvEvent event) {
            Event.Builder told = Event.newBuilder()
                    .setType(event.delete() ? Event.EventType.DELETE : Event.EventType.PUT)
                    .setKv(keyValue(event, event.record()));
            if (event.previous() != null) {
                told.setPrevKv(keyValue(event, event.previous()));
            }
            return new ModelStore.Change(event.modRevision(), event.sub(), told.build());
        }

        private static KeyValue keyValue(KvEvent event, byte @Nullable [] record) {
            KeyValue.Builder kv = KeyValue.newBuilder();
            try {
                if (record == null) {
                    kv.setModRevision(event.modRevision());
                } else {
                    kv.mergeFrom(record);
                }
            } catch (InvalidProtocolBufferException e) {
                throw new UncheckedIOException(e);
            }
            return kv.setKey(ByteString.copyFrom(event.key())).build();
        }

        @Override
        public void close() {
            member.close();
            deleteFolder(folder);
        }
    }

    private static void deleteFolder(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void theStoreDoesWhatTheModelDoes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int steps) {
        runSteps(seed, steps);
    }

    @Tag("long")
    @Property(tries = 1500, shrinking = ShrinkingMode.OFF)
    void theStoreDoesWhatTheModelDoesForLong(@ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int steps) {
        runSteps(seed, steps);
    }

    private static void runSteps(long seed, int steps) {
        try (Run run = new Run(seed)) {
            for (int i = 0; i < steps; i++) {
                run.step();
            }
            run.checkEverything();
        }
    }

    /** Also transactions that the server would refuse: nothing that stands in the log may throw or set members apart. */
    @Property(tries = 6, shrinking = ShrinkingMode.OFF)
    void noTransactionThrowsWhateverItMixes(@ForAll long seed) {
        try (Run run = new Run(seed)) {
            for (int i = 0; i < 120; i++) {
                TxnRequest txn = run.requests.txn(run.member.store().currentRevision(), 0);
                run.log.add(List.of(TestMember.command(txn).encode()));
                ApplyResult result = run.member.apply(txn);
                assertNotEquals(EtcdError.APPLY_FAILED, result.error(), () -> "failed: " + txn);
            }
            try (TestMember twin = run.open(run.nextFolder())) {
                run.replay(twin);
                assertEquals(run.member.store().hashKv(0), twin.store().hashKv(0));
            }
            assertNull(Objects.requireNonNull(run.member).database().failure());
        }
    }
}
