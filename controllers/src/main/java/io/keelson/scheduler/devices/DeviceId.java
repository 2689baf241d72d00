package io.keelson.scheduler.devices;

/** Which device. */
record DeviceId(PoolKey pool, String name) {
    DeviceId(String driver, String pool, String name) {
        this(new PoolKey(driver, pool), name);
    }

    @Override
    public String toString() {
        return pool.toString() + '/' + name;
    }
}
