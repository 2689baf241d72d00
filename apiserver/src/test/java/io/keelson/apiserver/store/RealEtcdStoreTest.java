package io.keelson.apiserver.store;

import java.nio.file.Path;

/** The original, over the network. */
final class RealEtcdStoreTest extends EtcdStoreContract {
    @Override
    TestEtcd start(Path in) throws Exception {
        return TestEtcd.real(in);
    }
}
