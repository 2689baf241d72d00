package io.keelson.apiserver.authz;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets those who ask the same at the same time wait for one answer. A question is asked on a thread of its own, so that who
 * goes away takes nothing from the others; nothing is remembered once it is answered. Any thread.
 */
public final class SharedAnswers<K, V> {
    private final int questionsMax;
    private final Duration timeMax;

    /** Questions that are being asked. Guarded by itself. */
    private final Map<K, Question<V>> open = new HashMap<>();

    private static final class Question<V> {
        private final CompletableFuture<V> answer = new CompletableFuture<>();
        private final Thread asker;
        private final long endNanos;

        Question(Runnable asking, long endNanos) {
            this.asker = Thread.ofVirtual().name("shared question").unstarted(asking);
            this.endNanos = endNanos;
        }
    }

    /**
     * @param questionsMax how many different ones at a time are shared; while there are that many, everybody else asks for
     *     himself
     * @param timeMax how long a shared question may take; then its asker is interrupted
     */
    public SharedAnswers(int questionsMax, Duration timeMax) {
        this.questionsMax = questionsMax;
        this.timeMax = timeMax;
    }

    /**
     * The answer to a question: of whoever asks it already, or else of this one.
     *
     * @param key equal for equal questions
     * @throws ExecutionException with what the question failed with, the same for all who wait
     * @throws TimeoutException if it takes too long
     */
    public V ask(K key, Callable<V> question) throws ExecutionException, TimeoutException, InterruptedException {
        Question<V> asked;
        synchronized (open) {
            asked = open.get(key);
            if (asked == null && open.size() < questionsMax) {
                asked = begin(key, question);
            }
        }
        if (asked == null) {
            return alone(question);
        }
        try {
            return asked.answer.get(Math.max(0, asked.endNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // Whoever asks from now on asks anew, even if this one cannot be stopped.
            end(key, asked);
            asked.asker.interrupt();
            throw e;
        }
    }

    private Question<V> begin(K key, Callable<V> question) {
        CompletableFuture<Question<V>> self = new CompletableFuture<>();
        Question<V> begun =
                new Question<>(() -> answer(key, self.join(), question), System.nanoTime() + timeMax.toNanos());
        self.complete(begun);
        open.put(key, begun);
        begun.asker.start();
        return begun;
    }

    private void answer(K key, Question<V> mine, Callable<V> question) {
        try {
            V answer = question.call();
            end(key, mine);
            mine.answer.complete(answer);
        } catch (Exception | Error e) {
            end(key, mine);
            mine.answer.completeExceptionally(e);
        }
    }

    private void end(K key, Question<V> ended) {
        synchronized (open) {
            open.remove(key, ended);
        }
    }

    private static <V> V alone(Callable<V> question) throws ExecutionException, InterruptedException {
        try {
            return question.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new ExecutionException(e);
        }
    }
}
