// Asking one member for everything it knows: on joining, when a lost address is dialled again so that split pools find
// each other, after a pause, and now and then to repair what rumours missed. One question at a time; an answer comes in
// pages, each asked for from where the last in order ended, so that a lost page costs a timeout and nothing else.
#pragma once

#include <optional>
#include <vector>

#include <conclave/types.hpp>

#include "base/prng.hpp"
#include "gossip/step.hpp"

namespace conclave::gossip {

class Exchange {
 public:
  Exchange(const Tuning& tuning, std::vector<Address> seeds, Prng prng, Instant now);

  /// Answers a Join with pages of what is known.
  void on_join(Step step, const Address& from, MemberId sender, const Join& join);
  /// Goes on to the next page; the rumours were merged by the caller, who says whether there was news among them.
  void on_join_reply(Step step, MemberId sender, const JoinReply& reply, const std::vector<Rumour>& rumours, bool news);
  /// A datagram of this very node came back: the seed that was dialled is itself.
  void on_own_join(MemberId self, const Join& join);
  /// Somebody is there who is not known here.
  void on_stranger(Step step, const Address& from, MemberId sender);
  void on_tick(Step step);

  /// Something may have been missed: ask somebody at once.
  void ask_soon(Instant now) { exchange_at_ = now; }

  /// True for an answer to the first question of a node that knows nobody: what is in it is news to no other.
  [[nodiscard]] bool is_first_answer(const Body& body) const;

  [[nodiscard]] Instant next_wakeup() const;

  friend bool operator==(const Exchange&, const Exchange&) = default;

  template <class H>
  friend void hash_append(H& h, const Exchange& e) {
    h(e.prng_, e.seeds_, e.next_seed_, e.question_, e.dial_at_, e.exchange_at_);
  }

 private:
  struct Seed {
    Address address;
    /// Who answered there last.
    std::optional<MemberId> member;

    friend bool operator==(const Seed&, const Seed&) = default;

    template <class H>
    friend void hash_append(H& h, const Seed& seed) {
      h(seed.address, seed.member);
    }
  };

  /// What is being asked.
  struct Question {
    Address to;
    /// Who is there, nil if that is not known.
    MemberId member;
    std::optional<std::size_t> seed;
    Join join;
    bool first{false};
    bool answered{false};
    bool taught{false};
    unsigned pages_expected{0};
    unsigned tries{0};
    Instant retry_at{};

    friend bool operator==(const Question&, const Question&) = default;

    template <class H>
    friend void hash_append(H& h, const Question& q) {
      h(q.to, q.member, q.seed, q.join.number, q.join.after, q.join.ask_back, q.first, q.answered, q.taught,
        q.pages_expected, q.tries, q.retry_at);
    }
  };

  /// Where to dial.
  struct Target {
    Address address;
    MemberId member;
    std::optional<std::size_t> seed;
  };

  void ask(Step& step, const Target& target, bool ask_back);
  void send(Step& step);
  void retry(Step& step);
  void dial(Step& step);
  void compare(Step& step);
  void finish(Step& step);
  [[nodiscard]] std::optional<Target> lost_address(const Members& members);
  [[nodiscard]] std::optional<Target> lost_seed(const Members& members);
  [[nodiscard]] std::optional<Target> dead_member(const Members& members);
  /// `span`, longer with every doubling of the members above 32: answers grow with their number.
  [[nodiscard]] BootClock::duration stretched(const Members& members, BootClock::duration span);
  /// Between half and one and a half of `span`, so that members do not act in step.
  [[nodiscard]] BootClock::duration about(BootClock::duration span);

  Prng prng_;
  std::vector<Seed> seeds_;
  std::size_t next_seed_{0};
  std::optional<Question> question_;
  Instant dial_at_;
  Instant exchange_at_;
};

}  // namespace conclave::gossip
