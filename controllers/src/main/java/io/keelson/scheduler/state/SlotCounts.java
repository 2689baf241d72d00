package io.keelson.scheduler.state;

/**
 * A number for each slot of a node, 0 for most: a hash table that is as large as there are others. With an array of all slots
 * each, the counts of some thousand Deployments would not fit in memory.
 */
final class SlotCounts {
    private static final int SIZE_MIN = 8;

    /** Slots plus one, so that 0 is a free place. */
    private int[] keys = new int[SIZE_MIN];

    private int[] numbers = new int[SIZE_MIN];
    private int used;

    int get(int slot) {
        return numbers[place(slot)];
    }

    void add(int slot, int change) {
        int place = place(slot);
        if (keys[place] == 0) {
            keys[place] = slot + 1;
            used++;
        }
        numbers[place] += change;
        if (used * 2 > keys.length) {
            resize();
        }
    }

    /** Where a slot is, or else a free place. There is always one, as half of them are free. */
    private int place(int slot) {
        int mask = keys.length - 1;
        int place = ((slot * 0x9E3779B9) >>> 8) & mask;
        while (keys[place] != 0 && keys[place] != slot + 1) {
            place = (place + 1) & mask;
        }
        return place;
    }

    private void resize() {
        int[] oldKeys = keys;
        int[] oldNumbers = numbers;
        int filled = 0;
        for (int number : oldNumbers) {
            filled += number == 0 ? 0 : 1;
        }
        int size = Math.max(SIZE_MIN, Integer.highestOneBit(Math.max(1, filled)) * 4);
        keys = new int[size];
        numbers = new int[size];
        used = filled;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldNumbers[i] != 0) {
                int place = place(oldKeys[i] - 1);
                keys[place] = oldKeys[i];
                numbers[place] = oldNumbers[i];
            }
        }
    }
}
