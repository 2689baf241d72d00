package io.keelson.agent.cri;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** How a fake runtime answers: what it was asked, and which questions are to fail or to wait. Any thread. */
final class FakeCalls {
    private final List<String> made = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Deque<Status>> once = new HashMap<>();
    private final Map<String, Status> always = new HashMap<>();
    private final Map<String, CountDownLatch> held = new HashMap<>();

    /** The calls so far, by their names in the interface. */
    List<String> made() {
        synchronized (made) {
            return List.copyOf(made);
        }
    }

    synchronized void failOnce(String call, Status status) {
        once.computeIfAbsent(call, _ -> new ArrayDeque<>()).add(status);
    }

    synchronized void fail(String call, Status status) {
        always.put(call, status);
    }

    synchronized void mend(String call) {
        always.remove(call);
    }

    /** Lets a call wait until the latch is at zero. */
    synchronized void hold(String call, CountDownLatch until) {
        held.put(call, until);
    }

    <T> void answer(String call, StreamObserver<T> caller, Supplier<T> answer) {
        made.add(call);
        try {
            await(call);
            refuse(call);
            caller.onNext(answer.get());
        } catch (StatusRuntimeException e) {
            caller.onError(e);
            return;
        }
        caller.onCompleted();
    }

    /** Fails if this call is to fail. */
    synchronized void refuse(String call) {
        Deque<Status> first = once.getOrDefault(call, new ArrayDeque<>());
        Status status = first.isEmpty() ? always.get(call) : first.remove();
        if (status != null) {
            throw status.asRuntimeException();
        }
    }

    private void await(String call) {
        CountDownLatch until;
        synchronized (this) {
            until = held.get(call);
        }
        if (until != null) {
            try {
                until.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Status.CANCELLED.withCause(e).asRuntimeException();
            }
        }
    }
}
