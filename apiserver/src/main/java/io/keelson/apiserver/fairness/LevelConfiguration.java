package io.keelson.apiserver.fairness;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.ObjectMeta;
import org.jspecify.annotations.Nullable;

/**
 * A PriorityLevelConfiguration.
 *
 * @param exempt whether its requests are never held up
 * @param shares of the server's seats, in relation to those of other levels
 * @param lendablePercent how much of its seats others may use while it does not
 * @param borrowingPercent how much of its own number of seats it may use of others'; null for no limit
 * @param queuing how requests wait; null if they are refused instead
 */
record LevelConfiguration(
        String name,
        String uid,
        boolean exempt,
        int shares,
        int lendablePercent,
        @Nullable Integer borrowingPercent,
        @Nullable Queuing queuing) {
    private static final int DEFAULT_SHARES = 30;
    private static final int HAND_MAX = 64;

    /**
     * How requests wait.
     *
     * @param handSize of how many queues a flow may use any
     * @param lengthMax requests in one queue
     */
    record Queuing(int queues, int handSize, int lengthMax) {}

    static LevelConfiguration of(JsonNode level) {
        JsonNode spec = level.path("spec");
        boolean exempt = spec.path("type").asText("").equals("Exempt");
        JsonNode part = spec.path(exempt ? "exempt" : "limited");
        JsonNode response = part.path("limitResponse");
        JsonNode queuing = response.path("queuing");
        JsonNode borrowing = part.path("borrowingLimitPercent");
        return new LevelConfiguration(
                ObjectMeta.name(level),
                ObjectMeta.uid(level),
                exempt,
                atLeast(0, part.path("nominalConcurrencyShares").asInt(exempt ? 0 : DEFAULT_SHARES)),
                Math.min(100, atLeast(0, part.path("lendablePercent").asInt(0))),
                borrowing.isNumber() ? (Integer) atLeast(0, borrowing.asInt()) : null,
                response.path("type").asText("").equals("Queue")
                        ? new Queuing(
                                atLeast(1, queuing.path("queues").asInt(64)),
                                Math.min(
                                        HAND_MAX,
                                        atLeast(1, queuing.path("handSize").asInt(8))),
                                atLeast(1, queuing.path("queueLengthLimit").asInt(50)))
                        : null);
    }

    private static int atLeast(int min, int number) {
        return Math.max(min, number);
    }
}
