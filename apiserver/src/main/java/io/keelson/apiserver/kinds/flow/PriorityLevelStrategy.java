package io.keelson.apiserver.kinds.flow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** Levels of priority. */
public final class PriorityLevelStrategy extends SpecAndStatus {
    private static final long QUEUES_MAX = 10_000_000;
    private static final int ENTROPY_BITS_MAX = 60;

    @Override
    public void applyDefaults(ObjectNode level) {
        ObjectNode spec = Fill.object(level, "spec");
        if (spec.path("limited") instanceof ObjectNode limited) {
            Fill.number(limited, "nominalConcurrencyShares", 30);
            Fill.number(limited, "lendablePercent", 0);
            if (limited.path("limitResponse").path("queuing") instanceof ObjectNode queuing) {
                Fill.zero(queuing, "handSize", 8);
                Fill.zero(queuing, "queues", 64);
                Fill.zero(queuing, "queueLengthLimit", 50);
            }
        }
        if (spec.path("exempt") instanceof ObjectNode exempt) {
            Fill.number(exempt, "nominalConcurrencyShares", 0);
            Fill.number(exempt, "lendablePercent", 0);
        }
    }

    @Override
    public void validate(ObjectNode level, FieldErrors errors) {
        Place spec = Place.of(level, errors).at("spec");
        boolean exempt = Place.of(level, errors).at("metadata", "name").is("exempt");
        Place type = spec.at("type");
        Place limited = spec.at("limited");
        if (exempt != type.is("Exempt")) {
            type.invalid("type must be 'Exempt' if and only if `name` is 'exempt'");
        }
        switch (type.text()) {
            case "Exempt" -> {
                limited.mustBeAbsent("must be nil if the type is not Limited");
                shares(spec.at("exempt"));
            }
            case "Limited" -> {
                spec.at("exempt").mustBeAbsent("must be nil if the type is Limited");
                if (limited.absent()) {
                    limited.required("must not be empty when type is Limited");
                } else {
                    limited(limited);
                }
            }
            default -> type.notSupported("Exempt", "Limited");
        }
        DefaultFlows.fixedLevel(Place.of(level, errors));
    }

    /** How many seats a level has by right, and how many of them it lends. */
    private static void shares(Place level) {
        Place shares = level.at("nominalConcurrencyShares");
        if (shares.number() < 0) {
            shares.invalid("must be a non-negative integer");
        }
        Place percent = level.at("lendablePercent");
        if (percent.number() < 0 || percent.number() > 100) {
            percent.invalid("must be between 0 and 100, inclusive");
        }
    }

    private static void limited(Place limited) {
        shares(limited);
        Place borrowed = limited.at("borrowingLimitPercent");
        if (borrowed.number() < 0) {
            borrowed.invalid("if specified, must be a non-negative integer");
        }
        Place queuing = limited.at("limitResponse", "queuing");
        switch (limited.at("limitResponse", "type").text()) {
            case "Reject" -> queuing.mustBeAbsent("must be nil if limited.limitResponse.type is not Limited");
            case "Queue" -> {
                if (queuing.absent()) {
                    queuing.required("must not be empty if limited.limitResponse.type is Limited");
                } else {
                    queuing(queuing);
                }
            }
            default -> limited.at("limitResponse", "type").notSupported("Queue", "Reject");
        }
    }

    private static void queuing(Place queuing) {
        Place queues = queuing.at("queues");
        Place hand = queuing.at("handSize");
        for (Place positive : List.of(queuing.at("queueLengthLimit"), queues, hand)) {
            if (positive.number() <= 0) {
                positive.invalid("must be positive");
            }
        }
        if (queues.number() > QUEUES_MAX) {
            queues.invalid("must not be greater than " + QUEUES_MAX);
        }
        if (hand.number() > queues.number()) {
            hand.invalid("should not be greater than queues (" + queues.number() + ")");
        } else if (hand.number() > 0 && queues.number() <= QUEUES_MAX) {
            int bits = entropyBits(queues.number(), hand.number());
            if (bits > ENTROPY_BITS_MAX) {
                hand.invalid("required entropy bits of deckSize " + queues.number() + " and handSize " + hand.number()
                        + " should not be greater than " + ENTROPY_BITS_MAX);
            }
        }
    }

    /** How many bits tell all hands apart; one more than there may be if there are more. */
    private static int entropyBits(long queues, long hand) {
        double bits = 0;
        for (long i = 0; i < hand && bits <= ENTROPY_BITS_MAX; i++) {
            bits += Math.log((double) (queues - i)) / Math.log(2);
        }
        return (int) Math.ceil(bits);
    }
}
