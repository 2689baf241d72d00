package io.keelson.metrics;

/**
 * How much of a resource, as the API writes it.
 *
 * @param number in thousandths of whatever, for one
 */
public record Amount(long number, Unit unit) {
    /** In what it is counted. */
    public enum Unit {
        /** Thousand millionths of a processor. */
        NANO,
        /** Thousandths. */
        MILLI,
        /** Bytes. */
        BYTES
    }

    /** Both together. */
    Amount plus(Amount other) {
        if (unit != other.unit) {
            throw new IllegalArgumentException(unit + " and " + other.unit + " are not the same");
        }
        return new Amount(number > Long.MAX_VALUE - other.number ? Long.MAX_VALUE : number + other.number, unit);
    }

    /** As a quantity of the API. */
    String text() {
        if (number == 0) {
            return "0";
        }
        return switch (unit) {
            case NANO -> number + "n";
            case MILLI -> number + "m";
            case BYTES -> number % 1024 == 0 ? number / 1024 + "Ki" : Long.toString(number);
        };
    }
}
