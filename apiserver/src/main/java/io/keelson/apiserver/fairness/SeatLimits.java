package io.keelson.apiserver.fairness;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * How many seats a level may have.
 *
 * @param nominal its share
 * @param min what it keeps if others borrow all they may
 * @param max what it has if it borrows all it may
 */
record SeatLimits(int nominal, int min, int max) {
    /**
     * Divides the server's seats up between levels, by their shares.
     *
     * @return by the names of the levels
     */
    static Map<String, SeatLimits> of(Collection<LevelConfiguration> levels, int serverSeats) {
        long shares = levels.stream().mapToLong(LevelConfiguration::shares).sum();
        Map<String, SeatLimits> limits = new HashMap<>();
        for (LevelConfiguration level : levels) {
            int nominal = shares == 0 ? 0 : (int) Math.ceil((double) serverSeats * level.shares() / shares);
            int lendable = percent(nominal, level.lendablePercent());
            Integer borrowing = level.borrowingPercent();
            int borrowable = borrowing == null ? serverSeats : percent(nominal, borrowing);
            limits.put(level.name(), new SeatLimits(nominal, nominal - lendable, nominal + borrowable));
        }
        return limits;
    }

    private static int percent(int of, int percent) {
        return (int) Math.min(Integer.MAX_VALUE / 2, Math.round(of * (percent / 100.0)));
    }
}
