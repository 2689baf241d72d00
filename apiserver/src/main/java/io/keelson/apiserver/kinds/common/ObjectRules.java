package io.keelson.apiserver.kinds.common;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import org.jspecify.annotations.Nullable;

/** Rules for values that stand in many kinds: quantities, numbers or percentages, ports by number or name. */
public final class ObjectRules {
    private ObjectRules() {}

    /** The quantity here; null, with a complaint, if it is none. */
    public static @Nullable Quantity quantity(Place place) {
        try {
            return Quantity.of(place.value());
        } catch (MalformedException e) {
            place.invalid(e.message());
            return null;
        }
    }

    /** Complains about a quantity below 0. */
    public static void notNegativeQuantity(Place place) {
        Quantity quantity = quantity(place);
        if (quantity != null && quantity.signum() < 0) {
            place.invalid(quantity.toString(), "must be greater than or equal to 0");
        }
    }

    /** Complains about a quantity of 0 or below. */
    public static void positiveQuantity(Place place) {
        Quantity quantity = quantity(place);
        if (quantity != null && quantity.signum() <= 0) {
            place.invalid(quantity.toString(), "must be greater than zero");
        }
    }

    /** A number from 0, or a percentage. */
    public static void numberOrPercent(Place place) {
        if (place.isNumber()) {
            place.notNegative();
        } else {
            place.check(Names::percent);
        }
    }

    public static void atMostHundredPercent(Place place) {
        if (!place.isNumber() && Names.percent(place.text()).isEmpty() && amount(place) > 100) {
            place.invalid("must not be greater than 100%");
        }
    }

    /** The number here, of pods or of percents. */
    public static long amount(Place place) {
        if (place.isNumber()) {
            return place.number();
        }
        String text = place.text();
        if (!Names.percent(text).isEmpty() || text.length() > 12) {
            return text.length() > 12 ? Long.MAX_VALUE : 0;
        }
        return Long.parseLong(text.substring(0, text.length() - 1));
    }

    /** A port by its number, or by the name that a container gives it. */
    public static void portNumberOrName(Place place) {
        if (place.value().isTextual()) {
            place.check(Names::portName);
        } else {
            port(place);
        }
    }

    public static void port(Place place) {
        for (String wrong : Names.portNumber(place.number())) {
            place.invalid(place.number(), wrong);
        }
    }

    /** Complains if a counter of collisions goes down. */
    public static void collisionCount(Place status, JsonNode oldStatus) {
        Place count = status.at("collisionCount");
        count.notNegative();
        if (oldStatus.path("collisionCount").isNumber()
                && count.number() < oldStatus.path("collisionCount").longValue()) {
            count.invalid(count.number(), "cannot be decremented");
        }
    }

    /** Complains if more is counted than there is. */
    public static void atMost(Place count, Place all, String message) {
        if (count.number() > all.number()) {
            count.invalid(count.number(), message);
        }
    }
}
