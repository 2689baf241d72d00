package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.scheduler.extender.ExtenderException;
import io.keelson.scheduler.extender.Extenders;
import io.keelson.scheduler.extender.HttpExtender;
import io.keelson.scheduler.extender.Offer;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks extenders beside the decisions: each question on a virtual thread, its answer told to the thread that owns the state.
 * That one goes on with other pods meanwhile. Only a few questions are asked at once, as an extender answers by what it knows of
 * the pods before; others wait for their turn, up to a bound.
 */
final class Extending implements AutoCloseable {
    private static final int AT_ONCE_MAX = 16;
    private static final int WAITING_MAX = 1024;

    private final Extenders extenders;
    private final Inbox inbox;
    private final Cache<Node> nodes;
    private final Workers workers = new Workers("extender");
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int asking;

    /** What came of asking. */
    sealed interface Outcome<T> {
        /** An answer. */
        record Answered<T>(T answer) implements Outcome<T> {}

        /** None, and why. */
        record Failed<T>(String why) implements Outcome<T> {}
    }

    private interface Question<T> {
        T ask() throws ExtenderException, InterruptedException;
    }

    /** @param nodes as the API tells of them: an extender may read more of a node than rules do */
    Extending(Extenders extenders, Inbox inbox, Cache<Node> nodes) {
        this.extenders = extenders;
        this.inbox = inbox;
        this.nodes = nodes;
    }

    /** All that the API tells of a node; if it does not any more, what is known of it. */
    Node whole(NodeState node) {
        Node told = nodes.get("", node.name());
        return told == null ? node.node() : told;
    }

    /** Whether as many questions wait as may. Only for the owner of the state, as all that follows. */
    boolean isFull() {
        return waiting.size() >= WAITING_MAX;
    }

    boolean decideOn(PodInfo pod) {
        return extenders.decideOn(pod.pod());
    }

    boolean preemptFor(PodInfo pod) {
        return extenders.preemptFor(pod.pod());
    }

    @Nullable
    HttpExtender binderOf(PodInfo pod) {
        return extenders.binderOf(pod.pod());
    }

    /** Asks which of some nodes can take a pod, and which are better. */
    void ask(PodInfo pod, List<Node> nodes, Consumer<Outcome<Extenders.Answer>> told) {
        ask(() -> extenders.ask(pod.pod(), nodes), told);
    }

    /** Asks from which of some nodes who may be evicted. */
    void preempt(PodInfo pod, List<Offer> offers, Consumer<Outcome<Map<String, Set<String>>>> told) {
        ask(() -> extenders.preempt(pod.pod(), offers), told);
    }

    private <T> void ask(Question<T> question, Consumer<Outcome<T>> told) {
        if (asking >= AT_ONCE_MAX) {
            waiting.add(() -> ask(question, told));
            return;
        }
        asking++;
        workers.execute(() -> {
            Outcome<T> outcome;
            try {
                outcome = new Outcome.Answered<>(question.ask());
            } catch (InterruptedException e) {
                // The scheduler ends.
                Thread.currentThread().interrupt();
                return;
            } catch (ExtenderException e) {
                outcome = new Outcome.Failed<>(OrEmpty.of(e.getMessage()));
            } catch (RuntimeException e) {
                outcome = new Outcome.Failed<>(e.toString());
            }
            Outcome<T> known = outcome;
            inbox.tell(() -> {
                asking--;
                Runnable next = waiting.poll();
                if (next != null) {
                    next.run();
                }
                told.accept(known);
            });
        });
    }

    /** Ends; nobody is asked after it returns. */
    @Override
    public void close() {
        extenders.close();
        workers.close();
    }
}
