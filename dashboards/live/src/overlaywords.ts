// The words of the overlay: [English, Japanese]. For viewers, so there are few.
export const overlayWords = {
  overlayTitle: ["The show in numbers", "配信の数字"],
  overlayGoal: ["Sales goal", "売上目標"],
  overlayHit: ["Reached", "達成"],
} satisfies Record<string, [string, string]>;
