package io.keelson.apiserver.fairness;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Levels and flows for tests. */
final class Levels {
    private Levels() {}

    static ObjectNode json(String text) {
        return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    static LevelConfiguration queuing(int queues, int handSize, int lengthMax) {
        return configuration(new LevelConfiguration.Queuing(queues, handSize, lengthMax));
    }

    static LevelConfiguration configuration(LevelConfiguration.@Nullable Queuing queuing) {
        return new LevelConfiguration("level", "uid", false, 1, 0, null, queuing);
    }

    static PriorityLevel level(LevelConfiguration configuration, int seats) {
        return new PriorityLevel(
                configuration, new SeatLimits(seats, seats, seats), System::nanoTime, FlowTimes.UNOBSERVED, seat -> {});
    }

    static Flow flow(String distinguisher) {
        return new Flow(
                new FlowSchema("schema", "", 1, "level", FlowSchema.Distinguisher.USER, List.of()), distinguisher);
    }
}
