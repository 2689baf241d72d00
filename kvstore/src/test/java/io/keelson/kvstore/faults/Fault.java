package io.keelson.kvstore.faults;

import java.io.IOException;
import java.util.Locale;
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
    /** A member's wall clock jumps by an hour, and back; needs libfaketime. */
    CLOCK {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random) throws IOException {
            victim.setClock(random.nextBoolean() ? "-1h" : "+1h");
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException {
            victim.setClock("+0");
        }
    },
    /** A member's power goes: what it had not synced is lost. It is started again. */
    POWER_CUT {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            cutPower(victim);
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            victim.disk().powerOn();
            cluster.start(victim);
        }
    },
    /** The power of all members goes at once: what was acknowledged had been synced by a majority. */
    POWER_CUT_ALL {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            for (MemberProcess member : cluster.members()) {
                member.disk().cutPower();
            }
            for (MemberProcess member : cluster.members()) {
                member.kill();
            }
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            for (MemberProcess member : cluster.members()) {
                member.disk().powerOn();
                cluster.start(member);
            }
        }
    },
    /** A member's disk runs full. It may bear it or end; with room again it goes on, or is started again. */
    DISK_FULL {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            victim.disk().fill();
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            victim.disk().makeRoom();
            cluster.startUnlessServing(victim);
        }
    },
    /**
     * A member's machine is lost for good: it is removed, and after a while one with an empty disk is added in its place. Not
     * before all are well, for what only it and one other had, the third must have by now.
     */
    REPLACE {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            cluster.awaitHealthy(60);
            victim.kill();
            cluster.remove(victim);
            victim.wipe();
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            cluster.addAgain(victim);
            cluster.start(victim);
        }
    },
    /** A member's disk stands still: what is written waits, and so does who writes it. */
    DISK_STALL {
        @Override
        void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
                throws IOException, InterruptedException {
            victim.disk().freeze();
        }

        @Override
        void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException {
            victim.disk().thaw();
        }
    };

    private static void cutPower(MemberProcess victim) {
        victim.disk().cutPower();
        victim.kill();
    }

    /** Whether members need disks of their own. */
    boolean ofDisks() {
        return switch (this) {
            case POWER_CUT, POWER_CUT_ALL, DISK_FULL, DISK_STALL -> true;
            default -> false;
        };
    }

    abstract void hurt(ClusterProcesses cluster, MemberProcess victim, SplittableRandom random)
            throws IOException, InterruptedException;

    abstract void heal(ClusterProcesses cluster, MemberProcess victim) throws IOException, InterruptedException;

    static Fault named(String name) {
        return valueOf(name.trim().toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
