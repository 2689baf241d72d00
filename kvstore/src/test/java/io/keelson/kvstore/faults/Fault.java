package io.keelson.kvstore.faults;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** What is done to members. Each fault is done, stands for a while, and is undone. */
enum Fault {
    /** kill -9 of a member, often the leader; it is started again. */
    KILL {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            victim.kill();
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            cluster.start(victim);
        }
    },
    /** kill -9 of all members at once: what was acknowledged is on the disks. */
    KILL_ALL {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            for (MemberProcess member : cluster.members()) {
                member.kill();
            }
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            for (MemberProcess member : cluster.members()) {
                cluster.start(member);
            }
        }
    },
    /** SIGSTOP: a member stands still, with all its connections open, and then goes on as if nothing had happened. */
    PAUSE {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            victim.pause();
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            victim.resume();
        }
    },
    /** A member can neither reach the others nor be reached by them; clients reach all. */
    PARTITION {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            Partition.isolate(cluster, victim);
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            Partition.heal();
        }
    },
    /** Packets of a member to the others are lost, those to it arrive. */
    ONE_WAY {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            Partition.muffle(victim, 100);
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            Partition.heal();
        }
    },
    /** A third of a member's packets to the others are lost. */
    LOSS {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            Partition.muffle(victim, 33);
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            Partition.heal();
        }
    },
    /** A member is started again with its wall clock an hour off; needs libfaketime. */
    CLOCK {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            victim.kill();
            cluster.start(
                    victim,
                    Map.of(
                            "LD_PRELOAD",
                            FakeTime.library().toString(),
                            "FAKETIME",
                            random.nextBoolean() ? "-1h" : "+1h",
                            "FAKETIME_DONT_FAKE_MONOTONIC",
                            "1"));
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            victim.kill();
            cluster.start(victim);
        }
    };

    abstract void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
            throws IOException, InterruptedException;

    abstract void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException;

    static Fault named(String name) {
        return valueOf(name.trim().toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
