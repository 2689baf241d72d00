package io.keelson.apiserver.admission.limits;

/** So many at once, and so many each second in the long run. */
final class TokenBucket {
    private final double perNano;
    private final int burst;
    private double tokens;
    private long filledNanos;

    TokenBucket(int perSecond, int burst, long nowNanos) {
        this.perNano = perSecond / 1e9;
        this.burst = burst;
        this.tokens = burst;
        this.filledNanos = nowNanos;
    }

    synchronized boolean take(long nowNanos) {
        tokens = Math.min(burst, tokens + Math.max(0, nowNanos - filledNanos) * perNano);
        filledNanos = Math.max(filledNanos, nowNanos);
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
