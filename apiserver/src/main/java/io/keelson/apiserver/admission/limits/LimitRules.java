package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.kinds.pod.PodAmounts;
import io.keelson.apiserver.object.Quantity;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one entry of a limit range says of amounts, in words that name what is wrong. */
final class LimitRules {
    /** Up to here thousandths of it are a long, and are what is compared. */
    private static final long MILLI_MAX = Long.MAX_VALUE / 1000;

    private final JsonNode limit;
    private final String type;
    private final Collection<String> wrong;

    /** @param wrong receives what is */
    LimitRules(JsonNode limit, Collection<String> wrong) {
        this.limit = limit;
        this.type = limit.path("type").asText();
        this.wrong = wrong;
    }

    /** Judges what somebody requests and may use at most. */
    void judge(Map<String, Quantity> requests, Map<String, Quantity> limits) {
        PodAmounts.list(limit.path("min")).forEach((name, least) -> atLeast(name, least, requests, limits));
        PodAmounts.list(limit.path("max")).forEach((name, most) -> atMost(name, most, requests, limits));
        PodAmounts.list(limit.path("maxLimitRequestRatio"))
                .forEach((name, ratio) -> ratio(name, ratio, requests.get(name), limits.get(name)));
    }

    /** Judges what somebody requests for whom there are no limits. */
    void requestsOnly(Map<String, Quantity> requests) {
        PodAmounts.list(limit.path("min")).forEach((name, least) -> atLeast(name, least, requests, Map.of()));
        PodAmounts.list(limit.path("max")).forEach((name, most) -> {
            Quantity request = requests.get(name);
            if (request == null) {
                wrong.add("maximum " + name + " usage per " + type + " is " + most + ".  No request is specified");
            } else if (compare(request, most, Quantity.ZERO) > 0) {
                wrong.add(maximum(name, most) + "but request is " + request);
            }
        });
    }

    private void atLeast(String name, Quantity least, Map<String, Quantity> requests, Map<String, Quantity> limits) {
        Quantity request = requests.get(name);
        Quantity most = limits.get(name);
        if (request == null) {
            wrong.add("minimum " + name + " usage per " + type + " is " + least + ".  No request is specified");
        } else if (compare(request, least, orZero(most)) < 0) {
            wrong.add("minimum " + name + " usage per " + type + " is " + least + ", but request is " + request);
        } else if (most != null && compare(most, least, request) < 0) {
            wrong.add("minimum " + name + " usage per " + type + " is " + least + ", but limit is " + most);
        }
    }

    private void atMost(String name, Quantity most, Map<String, Quantity> requests, Map<String, Quantity> limits) {
        Quantity request = requests.get(name);
        Quantity own = limits.get(name);
        if (own == null) {
            wrong.add("maximum " + name + " usage per " + type + " is " + most + ".  No limit is specified");
        } else if (compare(own, most, orZero(request)) > 0) {
            wrong.add(maximum(name, most) + "but limit is " + own);
        } else if (request != null && compare(request, most, own) > 0) {
            wrong.add(maximum(name, most) + "but request is " + request);
        }
    }

    private String maximum(String name, Quantity most) {
        return "maximum " + name + " usage per " + type + " is " + most + ", ";
    }

    private void ratio(String name, Quantity allowed, @Nullable Quantity request, @Nullable Quantity most) {
        String begin = name + " max limit to request ratio per " + type + " is " + allowed + ", but ";
        if (request == null || request.isZero()) {
            wrong.add(begin + "no request is specified or request is 0");
            return;
        }
        if (most == null || most.isZero()) {
            wrong.add(begin + "no limit is specified or limit is 0");
            return;
        }
        boolean exact = request.value() <= MILLI_MAX && most.value() <= MILLI_MAX && allowed.value() <= MILLI_MAX;
        double ratio =
                exact ? (double) most.milliValue() / request.milliValue() : (double) most.value() / request.value();
        boolean milli = allowed.value() <= MILLI_MAX;
        if (milli ? ratio * 1000 > allowed.milliValue() : ratio > allowed.value()) {
            wrong.add(begin + "provided ratio is " + String.format(Locale.ROOT, "%f", ratio));
        }
    }

    private static Quantity orZero(@Nullable Quantity amount) {
        return amount == null ? Quantity.ZERO : amount;
    }

    /**
     * In thousandths, rounded up, unless one of the three that are looked at together is too large for that; then in whole
     * units.
     */
    private static int compare(Quantity one, Quantity other, Quantity third) {
        boolean milli = one.value() <= MILLI_MAX && other.value() <= MILLI_MAX && third.value() <= MILLI_MAX;
        return milli ? Long.compare(one.milliValue(), other.milliValue()) : Long.compare(one.value(), other.value());
    }
}
