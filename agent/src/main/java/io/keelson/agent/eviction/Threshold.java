package io.keelson.agent.eviction;

import io.keelson.controllers.objects.Amount;
import java.time.Duration;
import java.util.Optional;

/**
 * How little there may be of something.
 *
 * @param value it is met when there is less
 * @param grace for how long it has to be met before pods are ended; zero for a hard one, which needs no time
 * @param reclaim how much more there has to be again before it counts as left; empty for no more
 */
public record Threshold(Signal signal, Value value, Duration grace, Optional<Value> reclaim) {
    /** An amount, or a part of what there is in all. */
    public sealed interface Value {
        /**
         * How much it is.
         *
         * @param capacity what there is in all
         */
        Amount of(long capacity);
    }

    /** So much: {@code 100Mi}. */
    public record Exactly(Amount amount) implements Value {
        @Override
        public Amount of(long capacity) {
            return amount;
        }
    }

    /**
     * A part of what there is: {@code 10%}.
     *
     * @param share from 0 to 1
     */
    public record Part(float share) implements Value {
        @Override
        public Amount of(long capacity) {
            return Amount.bytes((long) (capacity * (double) share));
        }
    }

    /** Whether pods are ended as soon as it is met, and at once. */
    boolean isHard() {
        return grace.isZero();
    }

    /**
     * Whether there is less than there may be.
     *
     * @param withReclaim whether there has to be as much more as is to be reclaimed
     */
    boolean isMet(Observation observed, boolean withReclaim) {
        Amount least = value.of(observed.capacity());
        if (withReclaim && reclaim.isPresent()) {
            least = least.plus(reclaim.get().of(observed.capacity()));
        }
        return least.compareTo(Amount.of(observed.available())) > 0;
    }
}
