package io.keelson.agent.resources;

import io.keelson.agent.resources.CgroupUsage.Share;
import io.keelson.agent.resources.CgroupUsage.Stall;

/** Reads what the kernel says of waiting: {@code some avg10=0.00 avg60=0.00 avg300=0.00 total=0}, and {@code full}. */
public final class PressureText {
    private PressureText() {}

    /** What a file says; lines that are none, and words that a newer kernel adds, are passed over. */
    public static Stall of(String text) {
        Share some = Share.NONE;
        Share full = Share.NONE;
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("some ")) {
                some = share(line);
            } else if (line.startsWith("full ")) {
                full = share(line);
            }
        }
        return new Stall(some, full);
    }

    private static Share share(String line) {
        double avg10 = 0;
        double avg60 = 0;
        double avg300 = 0;
        long total = 0;
        for (String word : line.split(" ", -1)) {
            int equals = word.indexOf('=');
            String value = word.substring(equals + 1);
            try {
                switch (equals < 0 ? "" : word.substring(0, equals)) {
                    case "avg10" -> avg10 = Double.parseDouble(value);
                    case "avg60" -> avg60 = Double.parseDouble(value);
                    case "avg300" -> avg300 = Double.parseDouble(value);
                    case "total" -> total = Long.parseLong(value);
                    default -> {
                        // The word that the line begins with, or one that is not known.
                    }
                }
            } catch (NumberFormatException e) {
                return Share.NONE;
            }
        }
        return new Share(avg10, avg60, avg300, total);
    }
}
