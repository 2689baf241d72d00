package io.keelson.kvstore.crashpoints;

import io.keelson.kvstore.crashpoints.ImageJudge.Promises;
import io.keelson.kvstore.crashpoints.ImageOpening.Answer;
import io.keelson.kvstore.crashpoints.ImageOpening.Question;
import io.keelson.kvstore.crashpoints.StepLedger.Step;
import io.keelson.kvstore.faults.MemberProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes images of what a crash of a member would leave, at the points that are armed for it, and has them judged.
 *
 * <p>A thread of the member stays at such a point. Then the whole process is stopped, its folder copied, and it goes on as if
 * nothing had been: what the kernel has of its files at that moment is what it would have after kill -9. An image takes some
 * ten milliseconds of the member's time; after each it has rest for as long, so that it gets on with what it does.
 *
 * <p>Images wait for their judgement in a queue of {@value #WAITING_MAX}. Once that is full none is made
 * until half of them are judged.
 */
final class Camera implements AutoCloseable {
    private static final int WAITING_MAX = 24;
    /** The start that follows on another is like that of every member that was stopped in peace. */
    private static final int AGAIN_EVERY = 4;

    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long REST_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long JUDGED_SECONDS = 120;

    private final MemberProcess member;
    private final Path data;
    private final Path folder;
    private final Control control;
    private final IntFunction<@Nullable Step> wanted;
    private final ImageJudge judge;
    private final Openings openings;
    private final Verdicts verdicts;
    /** Held while an image is made, and while the member is ended, stopped or woken. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private final BlockingQueue<Image> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger images = new AtomicInteger();
    private final AtomicInteger judged = new AtomicInteger();
    private final LongAccumulator longestStopNanos = new LongAccumulator(Math::max, 0);
    private final LongAdder stoppedNanos = new LongAdder();
    /** Images that were not made, as the member did not stop. */
    private final LongAdder missed = new LongAdder();

    private final LongAdder judgedNanos = new LongAdder();
    private boolean pausedByOthers;
    /** Whether the member has no rest: see {@link #follow}. */
    private volatile boolean follows;

    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    /** @param answer what the image holds, once somebody has opened it, which several are at a time */
    private record Image(
            Step step,
            Promises promises,
            Path data,
            Question question,
            long beginNanos,
            CompletableFuture<Answer> answer) {}

    /** Who is told of images, and how they were judged. */
    interface Verdicts {
        /** An image was made; not judged yet. By another thread. */
        void made(Step step, int point) throws IOException;

        void right(Step step) throws IOException;

        /** @param folder where the image is, which is kept */
        void wrong(Step step, List<String> what, Path folder);
    }

    /**
     * @param member whose images are made
     * @param data its folder
     * @param folder for the images, on the same file system
     * @param control the member's
     * @param wanted the step that an image at a point counts for, or null if none is wanted there any more
     */
    Camera(
            MemberProcess member,
            Path data,
            Path folder,
            Control control,
            IntFunction<@Nullable Step> wanted,
            ImageJudge judge,
            Openings openings,
            Verdicts verdicts) {
        this.member = member;
        this.data = data;
        this.folder = folder;
        this.control = control;
        this.wanted = wanted;
        this.judge = judge;
        this.openings = openings;
        this.verdicts = verdicts;
        threads.add(Thread.ofPlatform().name("camera").daemon().start(() -> guarded(this::makeAll)));
        threads.add(Thread.ofPlatform().name("image-judge").daemon().start(() -> guarded(this::judgeAll)));
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void guarded(Work work) {
        try {
            work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
    }

    /** Does something to the member while no image is made of it. */
    private void between(Work work) throws IOException, InterruptedException {
        lock.lock();
        try {
            check();
            work.run();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has images made at each armed point that a thread comes to, or, as is usual, lets it go on for a while after each. A start
     * goes through hundreds of points within moments, and is not in a hurry: who comes to the next one stays there until there
     * is room for its image.
     */
    void follow(boolean closely) {
        follows = closely;
    }

    /** SIGSTOP; the member then stands until {@link #resume}. */
    void pause() throws IOException, InterruptedException {
        between(() -> {
            member.pause();
            pausedByOthers = true;
        });
    }

    /** SIGCONT. */
    void resume() throws IOException, InterruptedException {
        between(() -> {
            pausedByOthers = false;
            member.resume();
        });
    }

    /** kill -9. */
    void kill() throws IOException, InterruptedException {
        between(() -> {
            member.kill();
            pausedByOthers = false;
            // Who stayed at a point does so no more.
            control.admit();
        });
    }

    /** Waits until all images are judged. */
    void drain() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(JUDGED_SECONDS);
        while (judged.get() < images.get()) {
            check();
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("images are not judged in time");
            }
            Thread.sleep(10);
        }
    }

    /** Whether some images may be made before the queue is full. */
    boolean hasRoom() {
        return waiting.size() < WAITING_MAX / 2;
    }

    /** Waits for that. */
    void awaitRoom() throws InterruptedException {
        while (!hasRoom()) {
            check();
            Thread.sleep(10);
        }
    }

    int images() {
        return images.get();
    }

    /** What an image takes, in milliseconds. */
    String times() {
        return String.format(
                Locale.ROOT,
                "stops of %.0f ms, at most %.0f ms, %d times in vain; judged after %.0f ms",
                stoppedNanos.sum() / 1e6 / Math.max(1, images.get()),
                longestStopNanos.get() / 1e6,
                missed.sum(),
                judgedNanos.sum() / 1e6 / Math.max(1, judged.get()));
    }

    @Override
    public void close() {
        closed = true;
        try {
            for (Thread thread : threads) {
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Fails if images cannot be made or judged any more. */
    void check() {
        Throwable why = failure;
        if (why != null) {
            throw new IllegalStateException("images are made and judged no more: " + why, why);
        }
    }

    private void makeAll() throws IOException, InterruptedException {
        while (!closed) {
            int point = control.whereOneStays();
            if (point < 0) {
                LockSupport.parkNanos(LOOK_NANOS);
                continue;
            }
            boolean closely = follows;
            while (closely && waiting.remainingCapacity() == 0) {
                check();
                Thread.sleep(1);
            }
            long took = make(point, closely);
            if (!closely) {
                Thread.sleep(TimeUnit.NANOSECONDS.toMillis(Math.max(REST_NANOS_MIN, took)));
                if (waiting.remainingCapacity() == 0) {
                    awaitRoom();
                }
                control.admit();
            }
        }
    }

    /** Makes an image if the thread is still there; afterwards none stays. Returns for how long the member was stopped. */
    private long make(int point, boolean closely) throws IOException, InterruptedException {
        lock.lock();
        try {
            if (!member.alive() || !control.staysAt(point)) {
                return 0;
            }
            Step step = wanted.apply(point);
            if (step == null) {
                return 0;
            }
            Path target = folder.resolve("image-" + images.get());
            boolean wakes = !pausedByOthers;
            Promises promises;
            long begin = System.nanoTime();
            Standstill standstill;
            try {
                standstill = Standstill.of(member.pid());
            } catch (IOException e) {
                // It has ended, or a thread of it waits for the disk, which no signal ends. The step comes again.
                missed.increment();
                return 0;
            }
            try {
                if (!control.staysAt(point)) {
                    return 0;
                }
                promises = new Promises(control.entry(), control.vote(), control.applied());
                FolderImage.copy(data, target, member.pid());
                if (closely) {
                    // Before it goes on: the next point is only instants away.
                    control.disarm(point);
                    control.admit();
                } else {
                    control.shut();
                }
            } finally {
                if (wakes) {
                    standstill.close();
                }
            }
            long took = System.nanoTime() - begin;
            stoppedNanos.add(took);
            longestStopNanos.accumulate(took);
            int _ = images.incrementAndGet();
            Question question = new Question(
                    target.toString(),
                    "m" + member.number(),
                    member.peerUrl(),
                    promises.entry().index(),
                    images.get() % AGAIN_EVERY == 0,
                    false);
            waiting.put(new Image(step, promises, target, question, System.nanoTime(), openings.open(question)));
            verdicts.made(step, point);
            return took;
        } finally {
            if (closely) {
                control.leave(point);
            } else {
                control.shut();
            }
            lock.unlock();
        }
    }

    private void judgeAll() throws IOException, InterruptedException {
        while (!closed || !waiting.isEmpty()) {
            Image image = waiting.poll(100, TimeUnit.MILLISECONDS);
            if (image == null) {
                continue;
            }
            Answer answer = answer(image.answer);
            // In the order in which they were made: what one has, the next must have, too.
            List<String> wrong = judge.judge(image.promises, answer, () -> closer(image.question));
            if (wrong.isEmpty()) {
                FolderImage.delete(image.data);
                verdicts.right(image.step);
            } else {
                verdicts.wrong(image.step, wrong, image.data);
            }
            int _ = judged.incrementAndGet();
            judgedNanos.add(System.nanoTime() - image.beginNanos);
        }
    }

    private Answer closer(Question question) {
        try {
            return answer(openings.open(new Question(
                    question.folder(), question.name(), question.peerUrl(), question.index(), false, true)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Answer answer(CompletableFuture<Answer> coming) throws IOException, InterruptedException {
        try {
            return coming.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }
}
