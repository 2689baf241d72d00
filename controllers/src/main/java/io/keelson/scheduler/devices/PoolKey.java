package io.keelson.scheduler.devices;

/** Which pool of devices: a driver's, of a name. Written {@code driver/pool}. */
record PoolKey(String driver, String pool) implements Comparable<PoolKey> {
    @Override
    public int compareTo(PoolKey other) {
        int byDriver = driver.compareTo(other.driver);
        return byDriver != 0 ? byDriver : pool.compareTo(other.pool);
    }

    @Override
    public String toString() {
        return driver + '/' + pool;
    }
}
