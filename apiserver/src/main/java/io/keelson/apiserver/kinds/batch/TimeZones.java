package io.keelson.apiserver.kinds.batch;

import java.time.zone.ZoneRulesProvider;
import java.util.Set;

/** The time zones of the tz database, by their names there: {@code Europe/Zurich}, not {@code UTC+1}. */
final class TimeZones {
    private static final Set<String> NAMES = Set.copyOf(ZoneRulesProvider.getAvailableZoneIds());

    /** In the database, but not in every copy of it that Java has. */
    private static final Set<String> SHORT = Set.of("EST", "HST", "MST");

    private TimeZones() {}

    static boolean isKnown(String name) {
        return SHORT.contains(name) || (NAMES.contains(name) && !name.startsWith("SystemV/"));
    }
}
