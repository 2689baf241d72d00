package io.keelson.apiserver.store;

import java.nio.file.Path;

/** Our own store, in this process. */
final class EmbeddedStoreTest extends EtcdStoreContract {
    @Override
    TestEtcd start(Path in) throws Exception {
        return TestEtcd.embedded(in);
    }
}
