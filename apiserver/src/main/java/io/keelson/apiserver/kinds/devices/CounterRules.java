package io.keelson.apiserver.kinds.devices;

import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** What is wrong with the counters that devices of a pool share, and with how much of them a device uses. */
final class CounterRules {
    private static final int SETS_MAX = 8;
    private static final int CONSUMPTIONS_MAX = 2;
    private static final int COUNTERS_MAX = 32;

    private CounterRules() {}

    static void sets(Place sets) {
        validate(sets, SETS_MAX, "name");
    }

    static void consumptions(Place consumptions) {
        validate(consumptions, CONSUMPTIONS_MAX, "counterSet");
    }

    /** @param nameField in which the name of the set stands */
    private static void validate(Place list, int max, String nameField) {
        List<Place> items = Bounded.items(list, max);
        for (Place item : items) {
            item.at(nameField).requireAndCheck(Names::dnsLabel);
            Place counters = item.at("counters");
            if (counters.size() == 0) {
                counters.required("");
            }
            for (Place counter : Bounded.entries(counters, COUNTERS_MAX)) {
                for (String wrong : Names.dnsLabel(counter.key())) {
                    counter.invalid(counter.key(), wrong);
                }
            }
        }
        Bounded.unique(items, item -> item.at(nameField).text());
    }
}
