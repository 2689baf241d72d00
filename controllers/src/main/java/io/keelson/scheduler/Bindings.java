package io.keelson.scheduler;

import io.keelson.scheduler.groups.PodGroups;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * The bindings of pods that are under way, no more at once than there may be; pods of groups, which are let go together, wait
 * for their turn. Who waits for something that was taken for it to be written, such as a volume that is made for it, keeps
 * nobody else from being bound. Owned by the thread that owns the state.
 */
final class Bindings {
    /** How many pods may wait for what was taken for them to be written. */
    private static final int WRITING_MAX = 4096;

    private final int atOnce;
    private final Binder binder;
    private final Extending extending;
    private final PodGroups groups;
    private final Inbox inbox;
    private final Predicate<Assumed> isOpen;
    private final BiConsumer<Assumed, Binder.Outcome> told;
    private final Deque<Assumed> ready = new ArrayDeque<>();
    private int binding;
    private int writing;

    /**
     * None is under way.
     *
     * @param isOpen whether a pod is still to be bound; what was taken for one that is not is given back
     * @param told what came of one that was begun, on the owner's thread
     */
    Bindings(
            int atOnce,
            Binder binder,
            Extending extending,
            PodGroups groups,
            Inbox inbox,
            Predicate<Assumed> isOpen,
            BiConsumer<Assumed, Binder.Outcome> told) {
        this.atOnce = atOnce;
        this.binder = binder;
        this.extending = extending;
        this.groups = groups;
        this.inbox = inbox;
        this.isOpen = isOpen;
        this.told = told;
    }

    /** Whether another pod would be bound at once. */
    boolean mayTake() {
        return ready.isEmpty() && hasRoom();
    }

    private boolean hasRoom() {
        return binding < atOnce && writing < WRITING_MAX;
    }

    /** Has a pod bound that was assumed. */
    void bind(Assumed decided) {
        if (groups.of(decided.pod()) == null) {
            start(decided);
        } else {
            ready.add(decided);
            startReady();
        }
    }

    private void startReady() {
        while (!ready.isEmpty() && hasRoom()) {
            Assumed next = ready.remove();
            if (isOpen.test(next)) {
                start(next);
            } else {
                // It is gone meanwhile, or on a node.
                next.release();
            }
        }
    }

    private void start(Assumed decided) {
        if (decided.reservations().isEmpty()) {
            binding++;
        } else {
            writing++;
        }
        binder.bind(
                decided.pod(),
                decided.node(),
                decided.reservations(),
                extending.binderOf(decided.pod()),
                () -> inbox.tell(() -> written(decided)),
                outcome -> inbox.tell(() -> ended(decided, outcome)));
    }

    private void written(Assumed decided) {
        if (!decided.reservations().isEmpty()) {
            writing--;
            binding++;
            startReady();
        }
    }

    private void ended(Assumed decided, Binder.Outcome outcome) {
        binding--;
        try {
            told.accept(decided, outcome);
        } finally {
            startReady();
        }
    }

    /** Asks the API whether a pod is on its node; what it says is told on the owner's thread. */
    void look(Assumed decided, BiConsumer<Assumed, Binder.Outcome> found) {
        binder.look(decided.pod(), decided.node(), outcome -> inbox.tell(() -> found.accept(decided, outcome)));
    }
}
